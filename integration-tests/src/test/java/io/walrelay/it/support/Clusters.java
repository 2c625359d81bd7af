package io.walrelay.it.support;

import io.walrelay.proxy.embedded.PostgresBinaries;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The PostgreSQL servers of one test class, in one temporary directory, all gone at its end. */
public final class Clusters implements Closeable {
    private final PostgresBinaries binaries;
    private final Path directory;
    private final Deque<Closeable> opened = new ArrayDeque<>();
    private int count;

    private Clusters(PostgresBinaries binaries, Path directory) {
        this.binaries = binaries;
        this.directory = directory;
    }

    /** Servers of one major version. */
    public static Clusters of(int major) throws IOException {
        // The servers' user has to come through here, whoever it is.
        Path directory = Files.createTempDirectory(
                "walrelay-it-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Clusters(PostgresBinaries.find(major), directory);
    }

    /** The installation. */
    public PostgresBinaries binaries() {
        return binaries;
    }

    /** The major version. */
    public int major() {
        return binaries.major();
    }

    /** A directory for a test's own files, which goes with the rest. */
    public Path newDirectory(String name) throws IOException {
        return Files.createDirectory(directory.resolve(++count + "-" + name));
    }

    /** A new primary that is small and quick because its durability is not the subject; started. */
    public PostgresCluster primary(Map<String, String> settings, String... initdbOptions) throws IOException {
        PostgresCluster primary =
                PostgresCluster.initialize(binaries, newDirectory("primary"), quick(settings), initdbOptions);
        opened.push(primary);
        primary.start();
        return primary;
    }

    /** A new standby of whatever listens on the port, its data taken from there too; not started. */
    public PostgresCluster standbyOf(int port, Map<String, String> settings) throws IOException {
        PostgresCluster standby =
                PostgresCluster.restore(binaries, newDirectory("standby"), quick(settings), "127.0.0.1", port);
        opened.push(standby);
        standby.follow("host=127.0.0.1 port=" + port + " user=postgres", null);
        return standby;
    }

    /** A cluster of the data directory that another program wrote to {@code directory/data}; not started. */
    public PostgresCluster adopt(Path madeDirectory, Map<String, String> settings) throws IOException {
        PostgresCluster cluster = PostgresCluster.adopt(binaries, madeDirectory, quick(settings));
        opened.push(cluster);
        return cluster;
    }

    /** A copy of a cluster that does not run, of which each can go its own way; not started. */
    public PostgresCluster copyOf(PostgresCluster original, Map<String, String> settings) throws IOException {
        Path copy = newDirectory("copy");
        try (Stream<Path> files = Files.walk(original.data())) {
            for (Path file : files.toList()) {
                Path target = copy.resolve("data")
                        .resolve(original.data().relativize(file).toString());
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return adopt(copy, settings);
    }

    /** Closes something before the servers that were opened earlier. */
    public <T extends Closeable> T closing(T resource) {
        opened.push(resource);
        return resource;
    }

    @Override
    public void close() throws IOException {
        List<IOException> failures = new ArrayList<>();
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (IOException e) {
                failures.add(e);
            }
        }
        Directories.delete(directory);
        if (!failures.isEmpty()) {
            IOException first = failures.removeFirst();
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    private Map<String, String> quick(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("fsync", "off");
        all.put("autovacuum", "off");
        all.put(binaries.major() >= 13 ? "wal_keep_size" : "wal_keep_segments", binaries.major() >= 13 ? "64MB" : "4");
        all.putAll(settings);
        return all;
    }
}
