package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Load;
import io.walrelay.it.support.RelayTest;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * kill -9, again and again, of each of the three while rows are written. Nothing is lost, and all go on by themselves.
 */
class FaultsIT extends RelayTest {
    private static final int MAJOR = 17;
    private static final int KILLS = 3;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster standby;

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of());
        startRelay(Map.of());
        standby = startStandby();
    }

    @Test
    void standbyCatchesUpWhenTheRelayWasKilled() throws Exception {
        // Given
        try (Load load = Load.on(primary)) {
            for (int i = 0; i < KILLS; i++) {
                load.awaitMore();

                // When
                relay.kill();
                load.awaitMore();
                relay.start();
            }
        }

        // Then
        Rows.assertEqual(primary, standby);
    }

    @Test
    void standbyCatchesUpWhenItWasKilled() throws Exception {
        // Given
        try (Load load = Load.on(primary)) {
            for (int i = 0; i < KILLS; i++) {
                load.awaitMore();

                // When
                standby.kill();
                load.awaitMore();
                standby.start();
            }
        }

        // Then
        Rows.assertEqual(primary, standby);
    }

    @Test
    void standbyCatchesUpWhenThePrimaryWasKilled() throws Exception {
        // Given
        try (Load load = Load.on(primary)) {
            for (int i = 0; i < KILLS; i++) {
                load.awaitMore();

                // When
                primary.kill();
                primary.start();
            }
            load.awaitMore();
        }

        // Then
        Rows.assertEqual(primary, standby);
    }

    @Test
    void standbyIsServedWhileThePrimaryIsDown() throws Exception {
        // Given
        Rows.insert(primary, 1000);
        Rows.assertEqual(primary, standby);
        String receiver = receiver();
        standby.stop(PostgresCluster.StopMode.FAST);
        Rows.insert(primary, 1000);
        String content = Rows.content(primary);
        Lsn end = Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
        await().until(() -> primary.query("SELECT bool_or(flush_lsn >= '" + end + "') FROM pg_stat_replication")
                .equals(Optional.of("t")));

        // When
        primary.kill();
        standby.start();

        // Then
        await().until(() -> Rows.content(standby).equals(content));
        await().until(() -> !receiver().isEmpty());
        String since = receiver();
        assertThat(since).isNotEqualTo(receiver);
        primary.start();
        Rows.insert(primary, 10);
        Rows.assertEqual(primary, standby);
        assertThat(receiver()).as("the same walreceiver as before").isEqualTo(since);
    }

    private String receiver() throws SQLException {
        return standby.query("SELECT pid::text FROM pg_stat_wal_receiver").orElse("");
    }
}
