package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Commits;
import io.walrelay.it.support.Directories;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The relay is the only synchronous standby, is killed at random moments, and then the primary is destroyed: every
 * commit that a client was told of is on a standby that gets its WAL from the relay alone.
 *
 * <p>{@code -Dwalrelay.it.kills=50} is the long run; {@code -Dwalrelay.it.seed=N} repeats the moments of one, as far as
 * they are the test's to choose.
 */
class LastCommitIT {
    private static final int MAJOR = 16;
    private static final int WRITERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int KILLS = Integer.getInteger("walrelay.it.kills", 4);

    private final long seed = Long.getLong("walrelay.it.seed", new Random().nextLong(1_000_000));
    private final Random random = new Random(seed);

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before each test
    private Commits commits;

    @BeforeEach
    void start() throws IOException, SQLException {
        System.out.printf("seed %d, %d kills%n", seed, KILLS);
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of("wal_keep_size", "0"), "--wal-segsize=1");
        commits = Commits.in(primary);
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    @Test
    void everyAcknowledgedCommitIsOnThePromotedStandbyWhenThePrimaryIsDestroyed() throws Exception {
        // Given
        ServeProcess relay = relay(primary.conninfo());
        PostgresCluster standby = standbyWithSlot(relay, "standby");
        requireRelay(primary);
        commits.write(primary, WRITERS);

        // When
        killAgainAndAgain(relay, primary);
        destroy(primary, relay);

        // Then
        drainAndPromote(standby, relay);
        commits.assertAllIn(standby);
        System.out.printf("seed %d: %d acknowledged commits, none lost in %d kills%n", seed, commits.count(), KILLS);
    }

    @Test
    void everyAcknowledgedCommitIsOnThePromotedStandbyWhenTheUpstreamFailedOverInBetween() throws Exception {
        // Given
        ServeProcess relay = relay(primary.conninfo());
        PostgresCluster candidate = standbyWithSlot(relay, "candidate");
        PostgresCluster standby = standbyWithSlot(relay, "standby");
        relay.set(
                "primary_conninfo",
                "host=127.0.0.1,127.0.0.1 port=" + primary.port() + "," + candidate.port()
                        + " user=postgres application_name=relay target_session_attrs=read-write");
        relay.stop();
        relay.start();
        requireRelay(primary);
        commits.write(primary, WRITERS);
        killAgainAndAgain(relay, primary);

        // When
        destroy(primary, relay);
        candidate.set("synchronous_standby_names", "relay");
        drainAndPromote(candidate, relay);
        int before = commits.count();
        commits.write(candidate, WRITERS);
        killAgainAndAgain(relay, candidate);
        destroy(candidate, relay);

        // Then
        assertThat(commits.count()).as("commits on the new primary too").isGreaterThan(before);
        drainAndPromote(standby, relay);
        commits.assertAllIn(standby);
        System.out.printf(
                "seed %d: %d acknowledged commits, %d before the failover, none lost in %d kills%n",
                seed, commits.count(), before, 2 * KILLS);
    }

    private ServeProcess relay(String upstream) throws IOException {
        return Relays.process(clusters, upstream + " application_name=relay", Map.of("primary_slot_name", "relay"));
    }

    /** A base backup that is not started: all WAL from its checkpoint on is for the relay's slot to keep. */
    private PostgresCluster standbyWithSlot(ServeProcess relay, String slot) throws IOException {
        assertThat(Positions.ask(relay.port(), "CREATE_REPLICATION_SLOT " + slot + " PHYSICAL RESERVE_WAL"))
                .anyMatch(line -> line.startsWith("DataRow"));
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.follow(relay.conninfo(), slot);
        return standby;
    }

    private static void requireRelay(PostgresCluster server) throws IOException {
        server.set("synchronous_standby_names", "relay");
        server.reload();
        await().atMost(PATIENCE)
                .until(() -> server.query("SELECT sync_state FROM pg_stat_replication")
                        .equals(Optional.of("sync")));
    }

    private void killAgainAndAgain(ServeProcess relay, PostgresCluster server) throws Exception {
        for (int kill = 0; kill < KILLS; kill++) {
            commits.awaitMore(random.nextInt(400));
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(20_000)));
            relay.kill();
            if (kill == 0) {
                await("commits wait for the relay")
                        .atMost(PATIENCE)
                        .until(() -> server.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                                .equals(Optional.of(Integer.toString(WRITERS))));
            }
            relay.start();
        }
        commits.awaitMore(50);
    }

    /** Server and relay die at once; the relay alone comes back, to a directory that is gone. */
    private void destroy(PostgresCluster server, ServeProcess relay) throws IOException {
        relay.kill();
        server.kill();
        Directories.delete(server.data());
        commits.awaitEnd();
        relay.start();
    }

    private static void drainAndPromote(PostgresCluster standby, ServeProcess relay) throws Exception {
        Lsn end = Positions.of(relay);
        standby.start();
        await("all WAL of the relay up to " + end + " is on the standby")
                .atMost(PATIENCE)
                .until(() -> !standby.query("SELECT pg_last_wal_receive_lsn()")
                        .map(Lsn::parse)
                        .orElse(Lsn.INVALID)
                        .isBefore(end));
        standby.promote();
        await().atMost(PATIENCE)
                .until(() -> standby.query("SELECT pg_is_in_recovery()").equals(Optional.of("f")));
    }
}
