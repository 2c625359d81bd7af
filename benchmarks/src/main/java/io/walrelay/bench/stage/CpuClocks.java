package io.walrelay.bench.stage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.bench.libc.CLibrary;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The clocks of processes, which count the CPU time of all their threads, ended ones included, in nanoseconds.
 *
 * <p>Source: the manual page clock_getcpuclockid(3), and the Linux kernel's include/linux/posix-timers_types.h for how
 * such a clock is numbered.
 */
final class CpuClocks {
    /** {@code CPUCLOCK_SCHED} of a whole process. */
    private static final int SCHEDULER = 2;

    private static final int TIMESPEC_BYTES = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final CLibrary.ClockTime clockTime;

    private CpuClocks(CLibrary.ClockTime clockTime) {
        this.clockTime = clockTime;
    }

    /** Empty where this Java or this system has none. */
    static Optional<CpuClocks> find() {
        try {
            CpuClocks clocks = new CpuClocks(new CLibrary().clockGettime());
            return clocks.nanos(ProcessHandle.current().pid()).isPresent() ? Optional.of(clocks) : Optional.empty();
        } catch (IOException tooOld) {
            return Optional.empty();
        }
    }

    /** What a process has used, without its children; empty if there is no such process. */
    OptionalLong nanos(long pid) {
        ByteBuf time = Unpooled.directBuffer(TIMESPEC_BYTES, TIMESPEC_BYTES);
        try {
            int clock = (~(int) pid << 3) | SCHEDULER;
            return clockTime.call(clock, time.memoryAddress()) == 0
                    ? OptionalLong.of(time.getLongLE(0) * NANOS_PER_SECOND + time.getLongLE(Long.BYTES))
                    : OptionalLong.empty();
        } finally {
            time.release();
        }
    }
}
