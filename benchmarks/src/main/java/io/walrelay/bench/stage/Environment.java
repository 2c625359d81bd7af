package io.walrelay.bench.stage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured on, and with what. */
public final class Environment {
    private Environment() {}

    /** A line each. */
    public static List<String> describe(Installation installation) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(ProcFile.value(Path.of("/proc/cpuinfo"), "model name") + ", "
                + Runtime.getRuntime().availableProcessors() + " cores, "
                + String.format(
                        Locale.ROOT,
                        "%.0f GB of memory",
                        ProcFile.bytes(Path.of("/proc/meminfo"), "MemTotal") / (double) (1 << 30)));
        lines.add("Linux " + System.getProperty("os.version") + ", Java "
                + System.getProperty("java.vendor.version", "") + " " + Runtime.version());
        lines.add("PostgreSQL " + installation.binaries().version().replaceAll("\\.0$", ""));
        String options = System.getenv("WALRELAY_JAVA_OPTS");
        if (options != null && !options.isBlank()) {
            lines.add("WALRELAY_JAVA_OPTS " + options.strip());
        }
        return lines;
    }
}
