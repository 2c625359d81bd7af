package io.walrelay.bench.stage;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Memory of processes in MB (2^20 bytes), as proc(5) tells it. */
public final class ProcessMemory {
    private static final double BYTES_PER_MB = 1 << 20;

    private ProcessMemory() {}

    /** What is resident of a process. */
    public static double resident(long pid) throws IOException {
        return value(pid, "status", "VmRSS");
    }

    /** What is resident of a process and its children; what several of them share is counted once. */
    public static double proportionalOfTree(long pid) throws IOException {
        double sum = value(pid, "smaps_rollup", "Pss");
        for (long child : ProcessCpu.children(pid)) {
            try {
                sum += value(child, "smaps_rollup", "Pss");
            } catch (NoSuchFileException ended) {
                // It has no memory any more.
            }
        }
        return sum;
    }

    private static double value(long pid, String file, String name) throws IOException {
        return ProcFile.bytes(Path.of("/proc/" + pid + "/" + file), name) / BYTES_PER_MB;
    }
}
