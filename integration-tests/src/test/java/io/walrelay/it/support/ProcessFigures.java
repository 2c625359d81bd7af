package io.walrelay.it.support;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says of a process. */
public final class ProcessFigures {
    /** Linux gives times in hundredths of a second, {@code USER_HZ}. */
    public static final int TICKS_PER_SECOND = 100;

    private ProcessFigures() {}

    /** Its resident memory in kB. */
    public static long residentKilobytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** The CPU time that it has used in user and kernel mode, in ticks. */
    public static long cpuTicks(long pid) throws IOException {
        return ticks(Path.of("/proc", Long.toString(pid)));
    }

    /** As {@link #cpuTicks}, of those of its threads together that are there and whose names begin so. */
    public static long cpuTicks(long pid, String threads) throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks) {
                if (Files.readString(task.resolve("comm")).startsWith(threads)) {
                    sum += ticks(task);
                }
            }
        }
        return sum;
    }

    private static long ticks(Path directory) throws IOException {
        String stat = Files.readString(directory.resolve("stat"));
        // The second field is the command in brackets; utime and stime are the 14th and 15th.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
