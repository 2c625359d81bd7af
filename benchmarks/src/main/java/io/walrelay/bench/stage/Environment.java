package io.walrelay.bench.stage;

import java.io.IOException;
import java.nio.file.Files;
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
        lines.add(value("/proc/cpuinfo", "model name") + ", "
                + Runtime.getRuntime().availableProcessors() + " cores, "
                + String.format(
                        Locale.ROOT,
                        "%.0f GB of memory",
                        Long.parseLong(value("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1024.0 / 1024));
        lines.add("Linux " + System.getProperty("os.version") + ", Java "
                + System.getProperty("java.vendor.version", "") + " " + Runtime.version());
        lines.add("PostgreSQL " + installation.binaries().version().replaceAll("\\.0$", ""));
        String options = System.getenv("WALRELAY_JAVA_OPTS");
        if (options != null && !options.isBlank()) {
            lines.add("WALRELAY_JAVA_OPTS " + options.strip());
        }
        return lines;
    }

    private static String value(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
