package io.walrelay.bench.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of proc(5) that has a line for each value, with its name in front. */
final class ProcFile {
    private ProcFile() {}

    /** What the first line of that name says; "unknown" if there is none. */
    static String value(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name + "\t") || line.startsWith(name + ":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    /** An amount of memory, in bytes. */
    static long bytes(Path file, String name) throws IOException {
        String value = value(file, name);
        if (!value.endsWith(" kB")) {
            throw new IOException(file + " does not tell " + name + " in kB: " + value);
        }
        return Long.parseLong(value.replaceAll("\\D", "")) << 10;
    }
}
