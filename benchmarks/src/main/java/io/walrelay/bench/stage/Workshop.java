package io.walrelay.bench.stage;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A temporary directory on a file system, and what runs in it; all of it goes when this is closed, or when the process
 * ends by a signal.
 */
public final class Workshop implements Closeable {
    private final Installation installation;
    private final Place place;
    private final Path directory;
    private final Deque<Closeable> opened = new ArrayDeque<>();
    private final Thread hook = new Thread(this::closeQuietly, "bench-clean-up");
    private int count;

    /** Makes the directory. */
    public Workshop(Installation installation, Place place) throws IOException {
        this.installation = installation;
        this.place = place;
        directory = Files.createTempDirectory(place.directory(), "walrelay-bench-");
        // The user that runs PostgreSQL has to come through here, whatever the umask is.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The PostgreSQL to use. */
    public Installation installation() {
        return installation;
    }

    /** The file system. */
    public Place place() {
        return place;
    }

    /** A directory that is not there yet. */
    public synchronized Path newPath(String name) {
        return directory.resolve(++count + "-" + name);
    }

    /** Closes something before what was opened earlier. */
    public synchronized <T extends Closeable> T closing(T resource) {
        opened.push(resource);
        return resource;
    }

    /** Has everything written to the disk that waits to be, so that the next measurement does not pay for it. */
    public void settle() throws IOException, InterruptedException {
        new ProcessBuilder("sync", "-f", directory.toString()).start().waitFor();
    }

    /** As {@link #settle()}, before that much is written: the machine holds the memory for twice as much. */
    public void settle(long toBeWritten) throws IOException, InterruptedException {
        settle();
        FreeMemory.hold(2 * toBeWritten);
    }

    @Override
    public synchronized void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endingAnyway) {
            // The hook does, or has done, what is below.
        }
        IOException failure = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (IOException e) {
                failure = e;
            }
        }
        PostgresCluster.delete(directory);
        if (failure != null) {
            throw failure;
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            System.err.println("walrelay: " + e.getMessage());
        }
    }
}
