package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Positions;
import io.walrelay.it.support.PrimaryTest;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers of one cluster that have gone different ways, and switch points in odd places; more is in PromotionIT. */
class TimelineIT extends PrimaryTest {
    private static final int MAJOR = 15;
    private static final int SEGMENT = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Map<String, String> SETTINGS =
            Map.of("wal_keep_size", "1GB", "bgwriter_delay", "10s", "checkpoint_timeout", "1h");

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, SETTINGS, "--wal-segsize=1");
    }

    @Test
    void aCopyOfThePrimaryThatHasGoneItsOwnWayOnTheSameTimelineIsRefused() throws Exception {
        // Given
        ServeProcess relay = Relays.process(clusters, primary.conninfo());
        Rows.insert(primary, 100);
        awaitReceived(relay, primary);
        primary.stop(PostgresCluster.StopMode.FAST);
        PostgresCluster copy = clusters.copyOf(primary, SETTINGS);
        primary.start();
        copy.start();
        Rows.insert(primary, 200);
        awaitReceived(relay, primary);

        // When
        relay.stop();
        Rows.insert(copy, 400);
        Lsn held = Positions.of(primary);
        assertThat(Positions.of(copy)).matches(position -> position.isAfter(held), "has more WAL than " + held);
        relay.set("primary_conninfo", copy.conninfo()).start();

        // Then
        await().atMost(PATIENCE).until(() -> relay.log().contains("is not what was received before"));
        assertThat(copy.query("SELECT count(*) FROM pg_stat_replication WHERE flush_lsn IS NOT NULL"))
                .contains("0");
        assertGoesOnWith(primary, relay);
    }

    @Test
    void aServerThatWasPromotedElsewhereToATimelineOfTheSameNumberIsRefused() throws Exception {
        // Given
        PostgresCluster candidate = standby();
        PostgresCluster behind = standby();
        ServeProcess relay = Relays.process(clusters, candidate.conninfo());
        Rows.insert(primary, 100);
        Rows.awaitReplayed(primary, behind);
        behind.stop(PostgresCluster.StopMode.FAST);
        Rows.insert(primary, 100);
        Rows.awaitReplayed(primary, candidate);
        primary.kill();
        candidate.promote();
        Rows.insert(candidate, 100);
        awaitReceived(relay, candidate);

        // When
        behind.start();
        behind.promote();
        Rows.insert(behind, 1000);
        relay.stop();
        relay.set("primary_conninfo", behind.conninfo()).start();

        // Then
        await().atMost(PATIENCE)
                .until(() -> relay.log().contains("new timeline 2 is not a child of database system timeline 2"));
        assertGoesOnWith(candidate, relay);
    }

    @Test
    void aServerThatWasRestoredToAPointInThePastIsFollowedAndWhatItLacksIsKept() throws Exception {
        // Given
        PostgresCluster restored = clusters.standbyOf(primary.port(), SETTINGS);
        ServeProcess relay = Relays.process(clusters, primary.conninfo());
        Rows.insert(primary, 100);
        primary.execute("SELECT pg_create_restore_point('here')");
        Rows.insert(primary, 5000);
        awaitReceived(relay, primary);
        Lsn abandoned = Positions.of(primary);
        primary.execute("SELECT pg_switch_wal()");
        primary.stop(PostgresCluster.StopMode.FAST);
        restored.followNobody();
        restored.set("restore_command", "cp '" + primary.data().resolve("pg_wal") + "/%f' '%p'");
        restored.set("recovery_target_name", "here");
        restored.set("recovery_target_action", "promote");

        // When
        restored.start();
        await().atMost(PATIENCE)
                .until(() -> restored.query("SELECT pg_is_in_recovery()").equals(Optional.of("f")));
        relay.stop();
        relay.set("primary_conninfo", restored.conninfo()).start();
        Rows.insert(restored, 50);

        // Then
        awaitReceived(relay, restored);
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();
        Rows.assertEqual(restored, standby);
        assertThat(restored.query("SELECT count(*) FROM rows")).contains("150");
        assertThat(relay.log())
                .contains(
                        "new target timeline is 2", "is not part of timeline 2; it is kept in the files of timeline 1");
        assertThat(SegmentFiles.names(wal(relay)))
                .as("WAL up to " + abandoned + " on the timeline that was left")
                .contains(String.format("%08X%08X%08X", 1, 0, abandoned.value() / SEGMENT));
    }

    @Test
    void theTimelineIsSwitchedBetweenTwoSegments() throws Exception {
        // Given
        PostgresCluster candidate = standby();
        ServeProcess relay = Relays.process(
                clusters,
                "host=127.0.0.1,127.0.0.1 port=" + primary.port() + "," + candidate.port() + " user=postgres");
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();
        Rows.insert(primary, 100);
        primary.execute("SELECT pg_switch_wal()");
        Rows.awaitReplayed(primary, candidate);
        Rows.awaitReplayed(primary, standby);

        // When
        primary.kill();
        candidate.promote();
        Rows.insert(candidate, 1000);

        // Then
        Rows.assertEqual(candidate, standby);
        String history = history(candidate);
        assertThat(Lsn.parse(history.split("\t", -1)[1]).value() % SEGMENT)
                .as("the place in its segment of the switch point: " + history)
                .isZero();
        assertThat(Files.readString(wal(relay).resolve("00000002.history"))).isEqualTo(history);
        assertThat(SegmentFiles.assertSame(wal(relay), wal(candidate))).isPositive();
        assertGoesOnWith(candidate, relay);
    }

    /** Nothing of what the relay has is lost, and the server's WAL comes again. */
    private void assertGoesOnWith(PostgresCluster server, ServeProcess relay) throws Exception {
        relay.stop();
        relay.set("primary_conninfo", server.conninfo()).start();
        Rows.insert(server, 1000);
        awaitReceived(relay, server);
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();
        Rows.assertEqual(server, standby);
        assertThat(SegmentFiles.assertSame(wal(relay), wal(server))).isPositive();
    }

    private PostgresCluster standby() throws IOException {
        PostgresCluster standby = clusters.standbyOf(primary.port(), SETTINGS);
        standby.start();
        return standby;
    }

    private static String history(PostgresCluster server) throws IOException {
        return Files.readString(wal(server).resolve("00000002.history"), StandardCharsets.UTF_8);
    }

    private static Path wal(PostgresCluster server) {
        return server.data().resolve("pg_wal");
    }

    private static Path wal(ServeProcess relay) {
        return relay.dataDirectory().resolve("pg_wal");
    }

    private static void awaitReceived(ServeProcess relay, PostgresCluster server) throws SQLException {
        Lsn end = Positions.of(server);
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(end));
    }
}
