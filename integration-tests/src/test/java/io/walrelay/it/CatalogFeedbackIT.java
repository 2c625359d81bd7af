package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RelayTest;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a logical slot of a standby behind the relay needs of the catalogs, as the primary holds it: {@code
 * catalog_xmin} of the relay's slot there. Standbys have logical slots since PostgreSQL 16.
 */
class CatalogFeedbackIT extends RelayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SEVERAL_INTERVALS = Duration.ofSeconds(3);
    private static final String INTERVAL = "1s";

    private void start(int major) throws IOException, SQLException {
        startPrimary(major, Map.of("wal_level", "logical"));
        primary.execute("SELECT pg_create_physical_replication_slot('relay')");
        startRelay(Map.of(
                "primary_slot_name", "relay",
                "hot_standby_feedback", "on",
                "wal_receiver_status_interval", INTERVAL));
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {16, 18})
    void whatALogicalSlotOfAStandbyNeedsIsHeldAtThePrimary(int major) throws Exception {
        // Given
        start(major);
        Positions.ask(relay.port(), "CREATE_REPLICATION_SLOT held PHYSICAL RESERVE_WAL");
        PostgresCluster standby = standby("held");
        assertThat(held()).isEmpty();

        // When
        String needed = createLogicalSlot(standby);

        // Then
        awaitHeld(Optional.of(needed));
        try (ConsoleConnection console = ConsoleConnection.to(relay.port())) {
            assertThat(console.ask("SELECT slot_name, catalog_xmin FROM pg_replication_slots"))
                    .isEqualTo("held|" + needed);
        }

        // When: queries need less and less of what the slot needs
        write();

        // Then
        await("xmin goes on")
                .atMost(PATIENCE)
                .until(() -> atPrimary("xmin")
                        .filter(xmin -> Long.parseLong(xmin) > Long.parseLong(needed))
                        .isPresent());
        stays(needed);

        // When: the standby is away, and the relay for a while
        standby.stop(PostgresCluster.StopMode.FAST);
        relay.stop();
        relay.start();

        // Then
        stays(needed);

        // When: the slot has been read
        standby.start();
        Rows.awaitReplayed(primary, standby);
        readLogicalSlot(standby, needed);

        // Then
        awaitHeld(neededBy(standby));

        // When
        standby.execute("SELECT pg_drop_replication_slot('logical')");

        // Then
        awaitHeld(Optional.empty());
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {16, 18})
    void itIsWithdrawnWithAStandbyThatHasNoSlotAtTheRelay(int major) throws Exception {
        // Given
        start(major);
        PostgresCluster standby = standby(null);
        String needed = createLogicalSlot(standby);
        awaitHeld(Optional.of(needed));
        write();
        stays(needed);

        // When
        standby.stop(PostgresCluster.StopMode.IMMEDIATE);

        // Then
        awaitHeld(Optional.empty());
    }

    private PostgresCluster standby(@Nullable String slot) throws IOException, SQLException {
        PostgresCluster standby = clusters.standbyOf(
                relay.port(),
                Map.of(
                        "wal_level", "logical",
                        "hot_standby_feedback", "on",
                        "wal_receiver_status_interval", INTERVAL));
        standby.follow(relay.conninfo(), slot);
        standby.start();
        Rows.awaitReplayed(primary, standby);
        return standby;
    }

    /** Makes it, for which the standby waits for what the primary says of its transactions; returns what it needs. */
    private String createLogicalSlot(PostgresCluster standby) throws SQLException {
        CompletableFuture<Void> created = CompletableFuture.runAsync(() -> {
            try {
                standby.execute("SELECT pg_create_logical_replication_slot('logical', 'pgoutput')");
            } catch (SQLException e) {
                throw new CompletionException(e);
            }
        });
        await("the logical slot is made").atMost(PATIENCE).until(() -> {
            primary.execute("SELECT pg_log_standby_snapshot()");
            return created.isDone();
        });
        created.join();
        return neededBy(standby).orElseThrow();
    }

    private static Optional<String> neededBy(PostgresCluster standby) throws SQLException {
        return standby.query("SELECT catalog_xmin FROM pg_replication_slots WHERE slot_name = 'logical'");
    }

    /** Reads it until it needs no more what it needed. */
    private void readLogicalSlot(PostgresCluster standby, String needed) {
        await("the logical slot goes on").atMost(PATIENCE).until(() -> {
            primary.execute("SELECT pg_log_standby_snapshot()");
            write();
            Rows.awaitReplayed(primary, standby);
            standby.execute("SELECT pg_replication_slot_advance('logical', pg_last_wal_replay_lsn())");
            return !neededBy(standby).equals(Optional.of(needed));
        });
    }

    private void write() throws SQLException {
        for (int i = 0; i < 5; i++) {
            primary.execute("INSERT INTO rows (content) VALUES ('x')");
        }
    }

    private Optional<String> held() throws SQLException {
        return atPrimary("catalog_xmin");
    }

    private Optional<String> atPrimary(String column) throws SQLException {
        return primary.query("SELECT " + column + " FROM pg_replication_slots WHERE slot_name = 'relay'");
    }

    private void awaitHeld(Optional<String> xmin) {
        await("catalog_xmin is " + xmin)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(held()).isEqualTo(xmin));
    }

    private void stays(String xmin) {
        await("catalog_xmin stays " + xmin)
                .during(SEVERAL_INTERVALS)
                .atMost(SEVERAL_INTERVALS.multipliedBy(3))
                .until(() -> held().equals(Optional.of(xmin)));
    }
}
