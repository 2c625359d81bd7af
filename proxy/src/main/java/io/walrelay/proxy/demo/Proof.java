package io.walrelay.proxy.demo;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What {@code demo --once} shows: rows that were written to the primary are on a standby that only the relay feeds. */
final class Proof {
    private static final int BATCHES = 20;
    private static final int ROWS_A_BATCH = 1000;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String CONTENT =
            "SELECT count(*) || ' rows, md5 ' || md5(string_agg(m::text, '|' ORDER BY id))" + " FROM measurement m";

    /** Something is not as it must be. */
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }

    private final Stage stage;
    private final PrintStream out;

    Proof(Stage stage, PrintStream out) {
        this.stage = stage;
        this.out = out;
    }

    /** Writes the rows and checks everything, each with a line of output. */
    void show() throws SQLException, IOException, Failed {
        long begun = System.nanoTime();
        for (int batch = 0; batch < BATCHES; batch++) {
            stage.primary()
                    .execute("INSERT INTO measurement (content)"
                            + " SELECT repeat(md5(i::text), 4) FROM generate_series(1, " + ROWS_A_BATCH + ") AS i");
        }
        Lsn end = Lsn.parse(value(stage.primary(), "SELECT pg_current_wal_flush_lsn()"));
        awaitReplay(end);
        out.printf(
                "  ok  the standby has replayed everything up to %s, %d ms after the first of %d transactions%n",
                end, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun), BATCHES);
        proveContent();
        proveSender();
        proveOnlyTheRelay();
    }

    private void awaitReplay(Lsn end) throws SQLException, IOException, Failed {
        Position replay = () -> Lsn.parse(value(stage.standby(), "SELECT coalesce(pg_last_wal_replay_lsn(), '0/0')"));
        Lsn replayed = replay.await(end, LIMIT);
        if (replayed.isBefore(end)) {
            throw new Failed("the standby is at " + replayed + " after " + LIMIT.toSeconds() + " s, the primary at "
                    + end + "; the end of the standby's log:\n"
                    + stage.standby().logTail());
        }
    }

    private void proveContent() throws SQLException, Failed {
        String primary = value(stage.primary(), CONTENT);
        String standby = value(stage.standby(), CONTENT);
        require(
                primary.equals(standby),
                "primary and standby have the same content: " + primary,
                "primary has " + primary + ", standby has " + standby);
        require(
                primary.startsWith(BATCHES * ROWS_A_BATCH + " rows"),
                "that is every row that was written",
                BATCHES * ROWS_A_BATCH + " rows were written, there are " + primary);
    }

    private void proveSender() throws SQLException, Failed {
        String sender = value(
                stage.standby(),
                "SELECT coalesce((SELECT status || ' from port ' || sender_port FROM pg_stat_wal_receiver), 'nothing')");
        require(
                sender.equals("streaming from port " + stage.relay().port()),
                "the standby's walreceiver is " + sender + ", where the relay listens",
                "the standby's walreceiver is " + sender + ", the relay listens on port "
                        + stage.relay().port());
        String recovery = value(stage.standby(), "SELECT pg_is_in_recovery()");
        require(recovery.equals("t"), "the standby is in recovery", "the standby is not in recovery");
    }

    private void proveOnlyTheRelay() throws SQLException, Failed {
        String clients = value(
                stage.primary(),
                "SELECT coalesce(string_agg(application_name || ' ' || state, ', '), 'nobody') FROM pg_stat_replication");
        require(
                clients.equals(Stage.RELAY_NAME + " streaming"),
                "the primary's only walsender serves the relay: " + clients,
                "the primary's walsenders serve " + clients + ", and it should be the relay alone");
    }

    private void require(boolean holds, String proved, String otherwise) throws Failed {
        if (!holds) {
            throw new Failed(otherwise);
        }
        out.println("  ok  " + proved);
    }

    private static String value(PostgresCluster cluster, String sql) throws SQLException {
        return cluster.query(sql).orElse("");
    }
}
