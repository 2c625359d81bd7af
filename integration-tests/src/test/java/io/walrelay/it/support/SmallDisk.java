package io.walrelay.it.support;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A file system of a few megabytes in memory, which gets full. Only root may mount one. */
public final class SmallDisk implements Closeable {
    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /** Mounts one that goes with the clusters; skips the test where that is not allowed. */
    public static SmallDisk mount(Clusters clusters, int megabytes) throws IOException {
        Path directory = clusters.newDirectory("disk");
        String refusal = run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", directory.toString());
        if (!refusal.isEmpty()) {
            return abort("a file system that gets full cannot be mounted, run this as root: " + refusal);
        }
        return clusters.closing(new SmallDisk(directory));
    }

    /** Where it is. */
    public Path directory() {
        return directory;
    }

    @Override
    public void close() throws IOException {
        String refusal = run("umount", directory.toString());
        if (!refusal.isEmpty()) {
            throw new IOException(refusal);
        }
    }

    /** What the program complains about, empty if it was successful. */
    private static String run(String... command) throws IOException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : String.join(" ", command) + ": " + output.strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
