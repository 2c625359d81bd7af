package io.walrelay.proxy.demo;

import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Has relays do once what they do in their lives, so that Java, which watches, need not learn it again at each start:
 * to receive in bulk, to serve one that has all there is and one that has fallen behind, to pass on one small commit
 * after the other, and to answer a query. The launcher runs it when it has built the program.
 *
 * @see <a href="https://openjdk.org/jeps/515">JEP 515</a>
 */
final class Rehearsal {
    private static final long BULK_BYTES = 64L << 20;

    /** So often the bulk is sent, checked and stored: by then Java knows what matters of it. */
    private static final int RELAYS_BEHIND = 8;

    private static final int ROWS_A_STATEMENT = 20_000;
    private static final int COMMITS = 1_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Stage stage;

    Rehearsal(Stage stage) {
        this.stage = stage;
    }

    /** Runs it, and returns when the last relay has received everything. */
    void run() throws SQLException, IOException, ConfigurationException, Proof.Failed {
        for (int number = 1; number <= RELAYS_BEHIND; number++) {
            try (DemoRelay behind = stage.startRelayBehind(number)) {
                awaitAll(behind);
            }
        }
        Lsn begun = end();
        while (end().value() - begun.value() < BULK_BYTES) {
            stage.primary()
                    .execute("INSERT INTO measurement (content) SELECT md5(i::text) FROM generate_series(1, "
                            + ROWS_A_STATEMENT + ") AS i");
        }
        for (int number = 1; number <= RELAYS_BEHIND; number++) {
            try (DemoRelay behind = stage.startRelayBehind(number)) {
                awaitAll(behind);
                commit();
                awaitAll(behind);
            }
            stage.removeRelayBehind(number);
        }
    }

    private void commit() throws SQLException {
        try (Connection connection = stage.primary().connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < COMMITS; i++) {
                statement.execute("INSERT INTO measurement (content) VALUES ('small')");
            }
        }
    }

    private Lsn end() throws SQLException {
        return Lsn.parse(
                stage.primary().query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
    }

    private void awaitAll(DemoRelay relay) throws SQLException, Proof.Failed {
        Lsn end = end();
        try (Connection connection = PostgresCluster.connect(relay.port());
                Statement statement = connection.createStatement()) {
            Position receipt = () -> received(statement);
            if (receipt.await(end, LIMIT).isBefore(end)) {
                throw new Proof.Failed("a relay behind the relay has not received everything up to " + end + " after "
                        + LIMIT.toSeconds() + " s");
            }
        }
    }

    private static Lsn received(Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT coalesce(pg_last_wal_receive_lsn(), '0/0')")) {
            result.next();
            return Lsn.parse(result.getString(1));
        }
    }
}
