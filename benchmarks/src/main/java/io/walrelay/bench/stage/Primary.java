package io.walrelay.bench.stage;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A primary that has nothing to do but what it is asked to. */
public final class Primary {
    private static final String ORIGIN = "bench_origin";
    private static final int ROWS = 100_000;
    private static final int TRUNCATE_AFTER = 10;

    private final PostgresCluster cluster;
    private int copies;

    private Primary(PostgresCluster cluster) {
        this.cluster = cluster;
    }

    /** Makes and starts one. */
    public static Primary start(Workshop workshop, Map<String, String> settings) throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("shared_buffers", "128MB");
        all.put("max_connections", "120");
        all.put("max_wal_senders", "120");
        all.put("max_replication_slots", "20");
        all.put("wal_sender_timeout", "0");
        // Nothing happens of itself while something is measured.
        all.put("autovacuum", "off");
        all.put("max_wal_size", "100GB");
        all.put("checkpoint_timeout", "1d");
        all.putAll(settings);
        PostgresCluster cluster = workshop.closing(
                PostgresCluster.initialize(workshop.installation().binaries(), workshop.newPath("primary"), all));
        cluster.start();
        return new Primary(cluster);
    }

    /** The server. */
    public PostgresCluster cluster() {
        return cluster;
    }

    /** The postmaster's process. */
    public long pid() throws IOException {
        return pid(cluster);
    }

    /** The postmaster's process of a server that runs. */
    public static long pid(PostgresCluster cluster) throws IOException {
        return Long.parseLong(
                Files.readAllLines(cluster.data().resolve("postmaster.pid")).getFirst());
    }

    /** Writes some WAL, as often as it is called. */
    @FunctionalInterface
    public interface Writer {
        /** Writes some, as the n-th time from 0 on. */
        void write(int round) throws SQLException, IOException, InterruptedException;
    }

    /**
     * Writes WAL until there is a stretch of that length, of the sort that rows of pgbench's accounts make that are
     * inserted and updated: a row and its index entry are a record each, some with full pages.
     */
    public Wal write(long bytes) throws SQLException, IOException, InterruptedException {
        try (Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(0);
            statement.execute("CREATE TABLE accounts (aid bigint PRIMARY KEY, bid int, abalance int, filler char(84))");
            return write(bytes, round -> {
                if (round % TRUNCATE_AFTER == 0) {
                    statement.execute("TRUNCATE accounts");
                    statement.execute("CHECKPOINT");
                }
                statement.execute("INSERT INTO accounts SELECT i, i % 10, 0, '' FROM generate_series(" + round * ROWS
                        + ", " + (round * ROWS + ROWS - 1) + ") AS i");
                statement.execute("UPDATE accounts SET abalance = i"
                        + " FROM (SELECT aid AS i FROM accounts ORDER BY random() LIMIT " + ROWS / 4
                        + ") AS s WHERE aid = i");
            });
        }
    }

    /** Has WAL written until there is a stretch of that length. */
    public Wal write(long bytes, Writer writer) throws SQLException, IOException, InterruptedException {
        cluster.execute("SELECT pg_switch_wal()");
        cluster.execute("CHECKPOINT");
        Lsn reserved = Lsn.parse(
                text("SELECT lsn FROM pg_create_physical_replication_slot('" + ORIGIN + "', true) AS s (name, lsn)"));
        Lsn start = WalSegmentSize.DEFAULT.segmentStart(reserved);
        Lsn end = start.plus(bytes);
        for (int round = 0;
                !Lsn.parse(text("SELECT pg_current_wal_insert_lsn()")).isAfter(end.plus(8192));
                round++) {
            writer.write(round);
        }
        cluster.execute("SELECT pg_switch_wal()");
        return new Wal(start, end, ORIGIN);
    }

    /** A new slot that keeps what {@code wal} names. */
    public String copySlot(Wal wal) throws SQLException {
        String name = "bench_" + ++copies;
        cluster.execute("SELECT pg_copy_physical_replication_slot('" + wal.slot() + "', '" + name + "')");
        return name;
    }

    /** Drops a slot as soon as nobody uses it. */
    public void dropSlot(String name) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (cluster.query("SELECT active FROM pg_replication_slots WHERE slot_name = '" + name + "'")
                        .filter("t"::equals)
                        .isPresent()
                && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        cluster.execute("SELECT pg_drop_replication_slot('" + name + "')");
    }

    /** Something that may fail while one waits. */
    @FunctionalInterface
    public interface Check {
        /** Fails if it has. */
        void run() throws IOException;
    }

    /** Waits until some client has flushed the WAL before a position. */
    public void awaitFlushed(Lsn position, Check check) throws SQLException, IOException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (cluster.query("SELECT bool_or(flush_lsn >= '" + position + "') FROM pg_stat_replication")
                .filter("t"::equals)
                .isEmpty()) {
            check.run();
            if (System.nanoTime() > deadline) {
                throw new IOException("nobody has flushed " + position);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Up to where its WAL is flushed. */
    public Lsn flushed() throws SQLException {
        return Lsn.parse(text("SELECT pg_current_wal_flush_lsn()"));
    }

    /** The process that serves the client of that application_name, the newest where there are several. */
    public long walsender(String applicationName) throws SQLException {
        return Long.parseLong(text("SELECT pid FROM pg_stat_replication WHERE application_name = '" + applicationName
                + "' ORDER BY backend_start DESC LIMIT 1"));
    }

    /** Names its synchronous standby, and waits until that is one; an empty name is none. */
    public void synchronous(String name) throws SQLException, IOException {
        cluster.set("synchronous_standby_names", name.isEmpty() ? "" : "\"" + name + "\"");
        cluster.reload();
        String condition = name.isEmpty()
                ? "SELECT count(*) = 0 FROM pg_stat_replication WHERE sync_state = 'sync'"
                : "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND application_name = '"
                        + name + "'";
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (cluster.query(condition).filter("t"::equals).isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(name + " does not become a synchronous standby");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private String text(String sql) throws SQLException {
        return cluster.query(sql).orElseThrow();
    }
}
