package io.walrelay.proxy.embedded;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL database cluster and its server, on a free port of 127.0.0.1: made by initdb or from a base backup,
 * started, stopped, killed, promoted. Superuser {@code postgres}, trusted. The server never outlives this JVM.
 *
 * <p>Any thread may use an instance; starting and stopping wait for each other, so that a Ctrl-C may come at any time.
 */
public final class PostgresCluster implements Closeable {
    /** PostgreSQL's shutdown modes, but for smart. */
    public enum StopMode {
        /** Ends the sessions, writes a checkpoint, sends all WAL to the walsenders' clients. */
        FAST,
        /** Ends at once, and recovers at the next start. */
        IMMEDIATE
    }

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String INCLUDED = "server.conf";
    private static final Set<PostgresCluster> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(PostgresCluster::stopAll, "postgres-stop"));
    }

    private final PostgresBinaries binaries;
    private final Path directory;
    private final Path data;
    private final Path log;
    private final int port;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private volatile @Nullable Process process;

    private PostgresCluster(PostgresBinaries binaries, Path directory, Map<String, String> settings)
            throws IOException {
        this.binaries = binaries;
        this.directory = directory.toAbsolutePath();
        this.data = this.directory.resolve("data");
        this.log = this.directory.resolve("server.log");
        this.port = FreePort.next();
        this.settings.put("listen_addresses", "127.0.0.1");
        this.settings.put("port", Integer.toString(port));
        this.settings.put("unix_socket_directories", "");
        this.settings.put("log_line_prefix", "%m [%p] %q%a ");
        this.settings.put("shared_buffers", "16MB");
        this.settings.put("max_connections", "40");
        this.settings.put("wal_retrieve_retry_interval", "200ms");
        this.settings.putAll(settings);
    }

    /**
     * Makes a new cluster by initdb; it is not started.
     *
     * @param directory holds the data directory and the log; made when absent, and given to the server's user
     * @param settings of postgresql.conf, beside those for the port and a small memory
     * @param initdbOptions such as {@code --wal-segsize=1}
     */
    public static PostgresCluster initialize(
            PostgresBinaries binaries, Path directory, Map<String, String> settings, String... initdbOptions)
            throws IOException {
        PostgresCluster cluster = new PostgresCluster(binaries, directory, settings);
        cluster.makeDirectory();
        List<String> command = new ArrayList<>(List.of(
                binaries.program("initdb").toString(),
                "--pgdata=" + cluster.data,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync"));
        command.addAll(List.of(initdbOptions));
        Program.run(command, cluster.directory, LIMIT);
        Files.writeString(
                cluster.data.resolve("postgresql.conf"),
                "\ninclude '" + INCLUDED + "'\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.APPEND);
        return cluster;
    }

    /**
     * Makes a cluster of a base backup, taken over the replication protocol; it is not started. Waits for a server that
     * is starting up.
     *
     * @param host from where the backup is taken: a server, or a relay in front of one
     */
    public static PostgresCluster restore(
            PostgresBinaries binaries, Path directory, Map<String, String> settings, String host, int port)
            throws IOException {
        PostgresCluster cluster = new PostgresCluster(binaries, directory, settings);
        cluster.makeDirectory();
        ReplicationConnection.await(host, port, "postgres", LIMIT);
        BaseBackup.receive(host, port, "postgres", cluster.data);
        ServerUser.current().own(cluster.data);
        return cluster;
    }

    /** Takes over {@code directory/data}, which another program made of a base backup of such a cluster. */
    public static PostgresCluster adopt(PostgresBinaries binaries, Path directory, Map<String, String> settings)
            throws IOException {
        PostgresCluster cluster = new PostgresCluster(binaries, directory, settings);
        cluster.makeDirectory();
        ServerUser.current().own(cluster.data);
        return cluster;
    }

    /**
     * Makes the cluster a standby of the server that {@code primaryConninfo} names, from its next start on. It follows
     * the newest timeline.
     */
    public synchronized void follow(String primaryConninfo, @Nullable String primarySlotName) throws IOException {
        Map<String, String> standby = new LinkedHashMap<>();
        standby.put("primary_conninfo", primaryConninfo);
        if (primarySlotName != null) {
            standby.put("primary_slot_name", primarySlotName);
        }
        standby.put("recovery_target_timeline", "latest");
        if (binaries.major() >= 12) {
            settings.putAll(standby);
            Files.write(data.resolve("standby.signal"), new byte[0]);
        } else {
            standby.put("standby_mode", "on");
            Files.writeString(data.resolve("recovery.conf"), render(standby), StandardCharsets.UTF_8);
        }
        ServerUser.current().own(data);
    }

    /** Makes the cluster start in recovery without an upstream, so that {@link #promote()} begins a new timeline. */
    public void followNobody() throws IOException {
        follow("", null);
    }

    /** Sets a parameter for the next start. */
    public synchronized void set(String name, String value) {
        settings.put(name, value);
    }

    /**
     * Starts the server and waits until it accepts connections.
     *
     * @throws IOException with the end of its log, when it does not get there
     */
    public synchronized void start() throws IOException {
        if (isRunning()) {
            throw new IllegalStateException("the server in \"" + data + "\" is running");
        }
        Path configuration = data.resolve(INCLUDED);
        Files.writeString(configuration, render(settings), StandardCharsets.UTF_8);
        ServerUser.current().own(configuration);
        Files.deleteIfExists(data.resolve("postmaster.pid"));
        long logStart = Files.exists(log) ? Files.size(log) : 0;
        Process started =
                Program.start(List.of(binaries.program("postgres").toString(), "-D", data.toString()), directory, log);
        process = started;
        RUNNING.add(this);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!acceptsConnections()) {
            if (!started.isAlive()) {
                RUNNING.remove(this);
                throw new IOException("the server in \"" + data + "\" did not start: " + logFrom(logStart));
            }
            if (System.nanoTime() > deadline) {
                kill();
                throw new IOException("the server in \"" + data + "\" is not ready after " + LIMIT.toSeconds() + " s: "
                        + logFrom(logStart));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Stops the server; a server that does not run stays so. */
    public synchronized void stop(StopMode mode) throws IOException {
        Process running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        String name = switch (mode) {
            case FAST -> "fast";
            case IMMEDIATE -> "immediate";
        };
        control("stop", "-m", name);
        if (!Program.waitFor(running, LIMIT)) {
            throw new IOException("the server in \"" + data + "\" did not stop");
        }
        RUNNING.remove(this);
    }

    /** Stops fast and starts again. */
    public synchronized void restart() throws IOException {
        stop(StopMode.FAST);
        start();
    }

    /** Kill -9 of the postmaster and of all its children at once. */
    public synchronized void kill() throws IOException {
        Process running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        List<ProcessHandle> all = new ArrayList<>();
        try (Stream<ProcessHandle> children = running.descendants()) {
            children.forEach(all::add);
        }
        running.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        // The shared memory is in use until the last of them is gone, and no server starts before that.
        if (!Program.waitFor(running, LIMIT) || !Program.waitForAll(all, LIMIT)) {
            throw new IOException("the server in \"" + data + "\" survived SIGKILL");
        }
        RUNNING.remove(this);
    }

    /** Makes a standby a primary, on a new timeline, and waits until it is. */
    public synchronized void promote() throws IOException {
        control("promote");
    }

    /** Runs a program on the data directory of this server, which does not run, to its end. */
    public synchronized void runOffline(String... command) throws IOException {
        if (isRunning()) {
            throw new IllegalStateException("the server in \"" + data + "\" is running");
        }
        Program.run(List.of(command), directory, LIMIT);
        ServerUser.current().own(data);
    }

    /** Makes the server read its configuration again, with what {@link #set} has changed. */
    public synchronized void reload() throws IOException {
        Path configuration = data.resolve(INCLUDED);
        Files.writeString(configuration, render(settings), StandardCharsets.UTF_8);
        ServerUser.current().own(configuration);
        Program.run(List.of(binaries.program("pg_ctl").toString(), "reload", "-D", data.toString()), directory, LIMIT);
    }

    /** A connection of pgjdbc as superuser to the database {@code postgres}. */
    public Connection connect() throws SQLException {
        return connect(port);
    }

    /** The same, to whatever server listens on that port of 127.0.0.1. */
    public static Connection connect(int port) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("socketTimeout", "60");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
    }

    /** Runs one statement on a connection of its own. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of the first row of a query, as text; empty when there is no row or the value is NULL. */
    public Optional<String> query(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? Optional.ofNullable(result.getString(1)) : Optional.empty();
        }
    }

    /** The connection string for a standby or a relay behind this server. */
    public String conninfo() {
        return "host=127.0.0.1 port=" + port + " user=postgres";
    }

    /** The port of 127.0.0.1, also while the server does not run. */
    public int port() {
        return port;
    }

    /** The data directory. */
    public Path data() {
        return data;
    }

    /** The server's log. */
    public Path log() {
        return log;
    }

    /** The end of the server's log, some 4 kB. */
    public String logTail() throws IOException {
        return logFrom(0);
    }

    /** The installation that runs it. */
    public PostgresBinaries binaries() {
        return binaries;
    }

    /** Whether the server process lives. */
    public boolean isRunning() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /** Removes a directory with all that clusters and others left in it. */
    public static void delete(Path directory) throws IOException {
        FileTree.delete(directory);
    }

    /** Stops the server at once and removes everything. */
    @Override
    public synchronized void close() throws IOException {
        try {
            stop(StopMode.IMMEDIATE);
        } finally {
            kill();
            FileTree.delete(directory);
        }
    }

    private void makeDirectory() throws IOException {
        Files.createDirectories(directory);
        ServerUser.current().own(directory);
    }

    private void control(String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(binaries.program("pg_ctl").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-D", data.toString(), "-w", "-t", Long.toString(LIMIT.toSeconds())));
        Program.run(command, directory, LIMIT.plusSeconds(5));
    }

    /** What pg_ctl looks at: the eighth line of postmaster.pid is the server's state. */
    private boolean acceptsConnections() throws IOException {
        try {
            List<String> lines = Files.readAllLines(data.resolve("postmaster.pid"));
            return lines.size() >= 8
                    && (lines.get(7).startsWith("ready") || lines.get(7).startsWith("standby"));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private String logFrom(long start) throws IOException {
        byte[] bytes = Files.readAllBytes(log);
        int from = (int) Math.min(Math.max(start, bytes.length - 4000L), bytes.length);
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }

    private static String render(Map<String, String> settings) {
        StringBuilder text = new StringBuilder();
        settings.forEach((name, value) -> text.append(name)
                .append(" = '")
                .append(value.replace("\\", "\\\\").replace("'", "''"))
                .append("'\n"));
        return text.toString();
    }

    private static void stopAll() {
        RUNNING.parallelStream().forEach(cluster -> {
            try {
                cluster.stop(StopMode.IMMEDIATE);
            } catch (IOException e) {
                Process running = cluster.process;
                if (running != null) {
                    running.destroyForcibly();
                }
            }
        });
    }
}
