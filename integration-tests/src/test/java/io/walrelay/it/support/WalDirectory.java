package io.walrelay.it.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A directory of WAL files, as {@code pg_receivewal} writes them.
 *
 * @param path where it is; the tool's log is beside it
 */
public record WalDirectory(Path path) {
    /** The names of its files, in order. */
    public List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    /** Whether nothing was written yet. */
    public boolean isEmpty() throws IOException {
        return names().isEmpty();
    }

    /** The first bytes of a file, unpacked where it is packed. */
    public byte[] content(String name, int length) throws IOException {
        try (InputStream file = Files.newInputStream(path.resolve(name));
                InputStream content = name.contains(".gz") ? new GZIPInputStream(file) : file) {
            return content.readNBytes(length);
        }
    }

    /** Where the tool's output goes. */
    public Path logFile() {
        return path.resolveSibling(path.getFileName() + ".log");
    }

    /** The tool's output. */
    public String log() {
        try {
            return Files.readString(logFile(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }
}
