package io.walrelay.bench.stage;

import io.walrelay.proxy.embedded.FreePort;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code ./walrelay serve}: the relay with the Java and the options that its users get. */
public final class RelayProcess implements Closeable {
    /** System property that names the launcher, which sets it. */
    private static final String LAUNCHER = "walrelay.launcher";

    private final Child child;
    private final Path data;
    private final int port;

    private RelayProcess(Child child, Path data, int port) {
        this.child = child;
        this.data = data;
        this.port = port;
    }

    /** Starts one on a free port of 127.0.0.1, with its files in a new directory where the settings name none. */
    public static RelayProcess start(Workshop workshop, Map<String, String> settings) throws IOException {
        return start(workshop, List.of(), settings);
    }

    /** As {@link #start(Workshop, Map)}, by a command that becomes the launcher, such as {@code ip netns exec}. */
    public static RelayProcess start(Workshop workshop, List<String> by, Map<String, String> settings)
            throws IOException {
        String launcher = System.getProperty(LAUNCHER);
        if (launcher == null) {
            throw new IOException("the system property " + LAUNCHER + " is not set: run this with ./walrelay bench");
        }
        Path directory = Files.createDirectory(workshop.newPath("relay"));
        int port = FreePort.next();
        Map<String, String> all = new LinkedHashMap<>();
        all.put("data_directory", directory.resolve("data").toString());
        all.put("port", Integer.toString(port));
        all.put("listen_addresses", "127.0.0.1");
        all.putAll(settings);
        Path data = Path.of(all.getOrDefault("data_directory", ""));
        List<String> command = new ArrayList<>(by);
        command.addAll(List.of(launcher, "serve"));
        all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        return new RelayProcess(Child.start("the relay", directory.resolve("server.log"), command), data, port);
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Its process: the launcher becomes the program. */
    public long pid() {
        return child.pid();
    }

    /** Where its WAL is. */
    public Path wal() {
        return data.resolve("pg_wal");
    }

    /** Fails if it has ended. */
    public void checkAlive() throws IOException {
        child.checkAlive();
    }

    @Override
    public void close() throws IOException {
        child.close();
    }
}
