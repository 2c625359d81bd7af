package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RelayTest;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the queries of standbys behind the relay need, as the primary sees it: {@code backend_xmin} of the relay. */
class FeedbackIT extends RelayTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SEVERAL_INTERVALS = Duration.ofSeconds(3);

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of());
        startRelay(Map.of("wal_receiver_status_interval", "1s"));
        relay.configure("hot_standby_feedback", "on").reload();
    }

    @Test
    void theOldestOfAllStandbysIsHeldUntilItIsGone() throws Exception {
        // Given
        PostgresCluster first = standby(null);
        PostgresCluster second = standby(null);
        try (Connection old = first.connect();
                Connection young = second.connect()) {
            String oldest = snapshot(old);
            write();
            awaitReplayed(second);
            String younger = snapshot(young);
            assertThat(younger).isNotEqualTo(oldest);

            // When / Then
            awaitHeld(Optional.of(oldest));
            write();
            stays(oldest);
            relay.configure("hot_standby_feedback", "off").reload();
            awaitHeld(Optional.empty());
            relay.configure("hot_standby_feedback", "on").reload();
            awaitHeld(Optional.of(oldest));
            first.stop(PostgresCluster.StopMode.IMMEDIATE);
            awaitHeld(Optional.of(younger));
        }
        second.stop(PostgresCluster.StopMode.IMMEDIATE);
        awaitHeld(Optional.empty());
    }

    @Test
    void aSlotHoldsItWhileItsStandbyAndTheRelayAreAway() throws Exception {
        // Given
        Positions.ask(relay.port(), "CREATE_REPLICATION_SLOT held PHYSICAL RESERVE_WAL");
        PostgresCluster standby = standby("held");
        String oldest;
        try (Connection reader = standby.connect()) {
            oldest = snapshot(reader);
            awaitHeld(Optional.of(oldest));

            // When
            standby.stop(PostgresCluster.StopMode.IMMEDIATE);
        }

        // Then
        write();
        stays(oldest);
        relay.stop();
        relay.start();
        awaitHeld(Optional.of(oldest));
        Positions.ask(relay.port(), "DROP_REPLICATION_SLOT held");
        awaitHeld(Optional.empty());
    }

    private PostgresCluster standby(@Nullable String slot) throws IOException, SQLException {
        PostgresCluster standby = clusters.standbyOf(
                relay.port(), Map.of("hot_standby_feedback", "on", "wal_receiver_status_interval", "1s"));
        standby.follow(relay.conninfo(), slot);
        standby.start();
        awaitReplayed(standby);
        return standby;
    }

    /** A transaction that needs the rows as they are now; returns its xmin. */
    private static String snapshot(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_snapshot_xmin(pg_current_snapshot()) FROM rows")) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }

    private void write() throws SQLException {
        for (int i = 0; i < 5; i++) {
            primary.execute("INSERT INTO rows (content) VALUES ('x')");
        }
    }

    private void awaitReplayed(PostgresCluster standby) throws SQLException {
        write();
        String position = primary.query("SELECT pg_current_wal_lsn()").orElseThrow();
        await().atMost(PATIENCE)
                .until(() -> standby.query("SELECT pg_last_wal_replay_lsn() >= '" + position + "'::pg_lsn")
                        .equals(Optional.of("t")));
    }

    private Optional<String> held() throws SQLException {
        return primary.query("SELECT backend_xmin FROM pg_stat_replication");
    }

    private void awaitHeld(Optional<String> xmin) {
        await("backend_xmin is " + xmin)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(held()).isEqualTo(xmin));
    }

    private void stays(String xmin) {
        await("backend_xmin stays " + xmin)
                .during(SEVERAL_INTERVALS)
                .atMost(SEVERAL_INTERVALS.multipliedBy(3))
                .until(() -> held().equals(Optional.of(xmin)));
    }
}
