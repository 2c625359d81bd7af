package io.walrelay.bench.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * CPU time of processes in user and kernel mode, in seconds: by each process's own clock, in nanoseconds, and where
 * that cannot be read, as proc(5) tells it, in hundredths of a second that are rounded down for each process.
 */
public final class ProcessCpu {
    /** Linux gives times in hundredths of a second, {@code USER_HZ}. */
    private static final double TICKS_PER_SECOND = 100;

    private static final Optional<CpuClocks> CLOCKS = CpuClocks.find();

    private ProcessCpu() {}

    /** How exact it is, as a sentence for a report. */
    public static String precision() {
        return CLOCKS.isPresent()
                ? "CPU time is read from the clock of each process, in nanoseconds."
                : "CPU time is that of /proc/PID/stat, in hundredths of a second, rounded down for each process: too"
                        + " little for many processes that each use little.";
    }

    /** Of a process, without its children. */
    public static double of(long pid) throws IOException {
        OptionalLong nanos = CLOCKS.isPresent() ? CLOCKS.get().nanos(pid) : OptionalLong.empty();
        if (nanos.isPresent()) {
            return nanos.getAsLong() / 1e9;
        }
        List<String> fields = fields(pid);
        return seconds(fields, 14) + seconds(fields, 15);
    }

    /** Of a process, its children that have ended (in hundredths of a second), and those that have not. */
    public static double ofTree(long pid) throws IOException {
        List<String> fields = fields(pid);
        double sum = of(pid) + seconds(fields, 16) + seconds(fields, 17);
        for (long child : children(pid)) {
            try {
                sum += of(child);
            } catch (NoSuchFileException ended) {
                // Its time is then in that of the parent, and was not when it was read.
            }
        }
        return sum;
    }

    /** Of the children of a process whose command line begins with a text, such as {@code postgres: walsender}. */
    public static double ofChildren(long pid, String title) throws IOException {
        double sum = 0;
        for (long child : children(pid)) {
            try {
                if (Files.readString(Path.of("/proc/" + child + "/cmdline")).startsWith(title)) {
                    sum += of(child);
                }
            } catch (NoSuchFileException ended) {
                // It is of no interest any more.
            }
        }
        return sum;
    }

    /** The processes that a process has started and that live. */
    public static List<Long> children(long pid) {
        try (Stream<ProcessHandle> children = ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children)) {
            return children.map(ProcessHandle::pid).toList();
        }
    }

    /** The fields of /proc/PID/stat from the third on; the second is the command in brackets. */
    private static List<String> fields(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    }

    /** The field of that number in proc(5). */
    private static double seconds(List<String> fields, int number) {
        return Long.parseLong(fields.get(number - 3)) / TICKS_PER_SECOND;
    }
}
