package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Commits;
import io.walrelay.it.support.Directories;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.Signal;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Primary and relay are destroyed together, and the synchronous standby behind the relay is promoted: it has every
 * commit that a client was told of, and with data_flush and all the other standbys can follow it as they are.
 *
 * <p>{@code -Dwalrelay.it.kills=50} is the long run; {@code -Dwalrelay.it.seed=N} repeats the moments of one, as far as
 * they are the test's to choose.
 */
class SynchronousFailoverIT {
    private static final int MAJOR = 15;
    private static final int WRITERS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int RUNS = Integer.getInteger("walrelay.it.kills", 2);

    private final long seed = Long.getLong("walrelay.it.seed", new Random().nextLong(1_000_000));
    private final Random random = new Random(seed);

    @SuppressWarnings("NullAway.Init") // before each run
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each run
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before each run
    private ServeProcess relay;

    @SuppressWarnings("NullAway.Init") // before each run
    private PostgresCluster sync;

    @SuppressWarnings("NullAway.Init") // before each run
    private PostgresCluster other;

    @SuppressWarnings("NullAway.Init") // before each run
    private Commits commits;

    /** Up to where the relay had WAL before it was destroyed. */
    private Lsn relayed = Lsn.INVALID;

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"commit", "all"})
    void everyAcknowledgedCommitIsOnTheSynchronousStandby(String transfer) throws Exception {
        for (int run = 1; run <= RUNS; run++) {
            // Given
            start(transfer);
            commits.write(primary, WRITERS);
            commits.awaitMore(20 + random.nextInt(300));
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(20_000)));

            // When
            destroyPrimaryAndRelay();
            commits.awaitEnd();
            sync.promote();

            // Then
            awaitPromoted();
            commits.assertAllIn(sync);
            System.out.printf(
                    "seed %d, run %d, %s: %d acknowledged commits, none lost%n", seed, run, transfer, commits.count());
            clusters.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"data_flush", "all"})
    void noOtherStandbyIsAheadOfTheForkPoint(String transfer) throws Exception {
        for (int run = 1; run <= RUNS; run++) {
            // Given
            start(transfer);

            // When
            Lsn fork = failOverToAStandbyThatIsCutOff(transfer.equals("all"));

            // Then: there was WAL that it might have been ahead with
            assertThat(relayed).as("what the relay had, beside the fork point").isGreaterThan(fork);
            assertThat(replayed(other))
                    .as("the other standby, beside the fork point")
                    .isLessThanOrEqualTo(fork);
            if (transfer.equals("all")) {
                commits.assertAllIn(sync);
            }
            follow();
            System.out.printf("seed %d, run %d, %s: nobody ahead of %s%n", seed, run, transfer, fork);
            clusters.close();
        }
    }

    @Test
    void otherStandbysAreAheadOfTheForkPointWhereNothingHoldsThem() throws Exception {
        // Given
        start("off");

        // When
        Lsn fork = failOverToAStandbyThatIsCutOff(false);

        // Then
        assertThat(replayed(other)).isGreaterThan(fork);
    }

    private void start(String transfer) throws Exception {
        System.out.printf("seed %d, %d runs%n", seed, RUNS);
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of());
        commits = Commits.in(primary);
        relay = Relays.process(clusters, primary.conninfo() + " application_name=relay", Map.of());
        sync = standby("sync");
        other = standby("other");
        relay.configure("synchronous_standby_names", "sync")
                .configure("synchronous_transfer", transfer)
                .reload();
        await().atMost(PATIENCE)
                .until(() -> Positions.ask(relay.port(), "SHOW synchronous_transfer")
                        .contains("DataRow '" + transfer + "'"));
        primary.set("synchronous_standby_names", "relay");
        primary.reload();
        await().atMost(PATIENCE)
                .until(() -> primary.query("SELECT sync_state FROM pg_stat_replication")
                        .equals(Optional.of("sync")));
    }

    private PostgresCluster standby(String name) throws IOException, SQLException {
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.follow(relay.conninfo() + " application_name=" + name, null);
        standby.start();
        return standby;
    }

    /** Both at once, in either order. */
    private void destroyPrimaryAndRelay() throws IOException {
        if (random.nextBoolean()) {
            relay.kill();
            primary.kill();
        } else {
            primary.kill();
            relay.kill();
        }
        Directories.delete(primary.data());
        Directories.delete(relay.dataDirectory());
    }

    /** The synchronous standby gets nothing any more while the others go on, and then it is all that is left. */
    private Lsn failOverToAStandbyThatIsCutOff(boolean commitsWait) throws Exception {
        commits.write(primary, WRITERS);
        commits.awaitMore(20 + random.nextInt(200));
        Signal.stopWalReceiver(sync);
        if (commitsWait) {
            await("commits wait")
                    .atMost(PATIENCE)
                    .until(() -> primary.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                            .equals(Optional.of(Integer.toString(WRITERS))));
        } else {
            commits.awaitMore(20 + random.nextInt(200));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(200)));
        relayed = Positions.of(relay);
        sync.kill();
        destroyPrimaryAndRelay();
        commits.awaitEnd();
        sync.start();
        sync.promote();
        awaitPromoted();
        List<String> history = Files.readAllLines(sync.data().resolve("pg_wal/00000002.history"));
        return Lsn.parse(history.getFirst().split("\t", -1)[1]);
    }

    private void awaitPromoted() {
        await().atMost(PATIENCE)
                .until(() -> sync.query("SELECT pg_is_in_recovery()").equals(Optional.of("f")));
    }

    /** Up to where a standby whose upstream is gone has replayed. */
    private static Lsn replayed(PostgresCluster standby) throws SQLException {
        await("the walreceiver has ended")
                .atMost(PATIENCE)
                .until(() -> standby.query("SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'")
                        .equals(Optional.of("0")));
        Lsn[] last = {Lsn.INVALID};
        await("all that can be replayed is replayed")
                .atMost(PATIENCE)
                .during(Duration.ofMillis(500))
                .until(() -> {
                    Lsn now = Lsn.parse(
                            standby.query("SELECT pg_last_wal_replay_lsn()").orElseThrow());
                    boolean same = now.equals(last[0]);
                    last[0] = now;
                    return same;
                });
        return last[0];
    }

    /** The other standby follows the promoted one without a new base backup. */
    private void follow() throws Exception {
        other.follow(sync.conninfo(), null);
        other.restart();
        sync.execute("INSERT INTO commits VALUES (-1, 'after the failover')");
        await("the other standby follows")
                .atMost(PATIENCE)
                .until(() -> other.query("SELECT content FROM commits WHERE n = -1")
                        .equals(Optional.of("after the failover")));
    }
}
