package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Load;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What {@code docs/failover.md} says, step by step: the primary dies, a standby behind the relay takes over, everybody
 * follows through the relay, and the old primary comes back as a standby without a new base backup.
 */
class FailbackIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final ClientTools tools = ClientTools.require(MAJOR);

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster candidate;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster other;

    @SuppressWarnings("NullAway.Init") // before each test
    private ServeProcess relay;

    @BeforeEach
    void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of("wal_log_hints", "on"));
        Rows.createTable(primary);
        relay = Relays.process(
                clusters,
                primary.conninfo() + " application_name=relay",
                Map.of("primary_slot_name", "relay", "wal_keep_size", "256MB"));
        candidate = standby("candidate");
        other = standby("other");
        relay.set(
                "primary_conninfo",
                "host=127.0.0.1,127.0.0.1 port=" + primary.port() + "," + candidate.port()
                        + " user=postgres application_name=relay target_session_attrs=read-write");
        relay.stop();
        relay.start();
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    @Test
    void oldPrimaryThatDidNotRunAheadRejoinsAtOnce() throws Exception {
        // Given
        try (Load load = Load.on(primary)) {
            load.awaitMore();
        }
        awaitFlushed(Positions.of(primary));

        // When
        primary.kill();
        failOver();
        primary.follow(relay.conninfo(), null);
        primary.start();

        // Then
        assertAllFollow();
    }

    @Test
    void oldPrimaryThatRanAheadRejoinsWithPgRewind() throws Exception {
        // Given
        try (Load load = Load.on(primary)) {
            load.awaitMore();
            relay.freeze();
            runAhead(load);

            // When
            primary.kill();
            relay.thaw();
        }
        failOver();
        primary.follow(relay.conninfo(), null);
        primary.start();
        await().atMost(PATIENCE)
                .until(() -> Files.readString(primary.log())
                        .contains("new timeline 2 forked off current database system timeline 1 before current"
                                + " recovery point"));
        primary.stop(PostgresCluster.StopMode.FAST);
        // Until then the new primary's control file names the old timeline, and pg_rewind sees nothing to do.
        candidate.execute("CHECKPOINT");
        primary.runOffline(
                tools.path("pg_rewind"),
                "--target-pgdata=" + primary.data(),
                "--source-server=" + candidate.conninfo() + " dbname=postgres");
        primary.follow(relay.conninfo(), null);
        primary.start();

        // Then
        assertAllFollow();
    }

    private PostgresCluster standby(String slot) throws IOException {
        assertThat(Positions.ask(relay.port(), "CREATE_REPLICATION_SLOT " + slot + " PHYSICAL RESERVE_WAL"))
                .anyMatch(line -> line.startsWith("DataRow"));
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of("wal_log_hints", "on"));
        standby.follow(relay.conninfo(), slot);
        standby.start();
        return standby;
    }

    /** Lets the primary write more than the sockets between it and the relay can hold. */
    private void runAhead(Load load) throws SQLException {
        Lsn before = Positions.of(primary);
        await().atMost(PATIENCE).until(() -> {
            load.awaitMore();
            return Positions.of(primary).minus(before) > 32 << 20;
        });
    }

    private void awaitFlushed(Lsn end) {
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(end));
    }

    /** The candidate takes what the relay has, and is promoted; the relay follows it. */
    private void failOver() throws Exception {
        Lsn end = Positions.of(relay);
        await("all WAL of the relay up to " + end + " is on the candidate")
                .atMost(PATIENCE)
                .until(() -> !received(candidate).isBefore(end));
        candidate.promote();
        await().atMost(PATIENCE)
                .until(() -> candidate.query("SELECT pg_is_in_recovery()").equals(Optional.of("f")));
        await("the relay follows").atMost(PATIENCE).until(() -> relay.log().contains("new target timeline is 2"));
    }

    private static Lsn received(PostgresCluster standby) throws SQLException {
        return standby.query("SELECT pg_last_wal_receive_lsn()").map(Lsn::parse).orElse(Lsn.INVALID);
    }

    private void assertAllFollow() throws SQLException {
        Rows.insert(candidate, 1000);
        Rows.assertEqual(candidate, other);
        Rows.assertEqual(candidate, primary);
        assertThat(primary.query("SELECT sender_port FROM pg_stat_wal_receiver"))
                .as("the old primary streams from the relay")
                .isEqualTo(Optional.of(Integer.toString(relay.port())));
        assertThat(candidate.query("SELECT string_agg(application_name, ',') FROM pg_stat_replication"))
                .as("and nobody but the relay from the new primary")
                .isEqualTo(Optional.of("relay"));
    }
}
