package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Forwarder;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.ProcessFigures;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.VanishingClient;
import io.walrelay.it.support.WalDirectory;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.Closeable;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A downstream that is slow, one that has stopped reading and one whose host is gone, beside a healthy one: they cost a
 * position, not memory, and slow down neither the healthy one nor the upstream.
 */
class NeighboursIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SLOW = 50_000;
    private static final int ROUNDS = 4;
    private static final int ROWS = 60_000;

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private ClientTools tools;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // in each test
    private ServeProcess relay;

    @SuppressWarnings("NullAway.Init") // in each test
    private WalDirectory healthy;

    @BeforeEach
    void start() throws IOException, SQLException {
        tools = ClientTools.require(MAJOR);
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of("wal_keep_size", "4GB", "max_wal_size", "8GB", "checkpoint_timeout", "1h"));
        Rows.createTable(primary);
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    @Test
    void healthyDownstreamAndUpstreamAreAsFastBesideThoseThatDoNotRead() throws Exception {
        // Given
        startRelay("10min");
        try (RawReplicationClient observer =
                RawReplicationClient.connect(relay.port()).logIn()) {
            round(observer);
            Pace alone = Pace.NONE;
            Pace beside = Pace.NONE;
            long memory = 0;

            // When
            for (int i = 0; i < ROUNDS; i++) {
                alone = alone.best(round(observer));
                memory = Math.max(memory, ProcessFigures.residentKilobytes(relay.pid()));
                try (Neighbours bad = new Neighbours(i, observer)) {
                    beside = beside.best(round(observer));
                    bad.assertStillThere();
                }
            }
            long grown = ProcessFigures.residentKilobytes(relay.pid()) - memory;

            // Then
            System.out.printf(
                    "healthy downstream: %.0f MB/s alone, %.0f MB/s beside bad ones; upstream: %.0f and %.0f MB/s;"
                            + " %d kB of resident memory more%n",
                    alone.downstream / 1e6,
                    beside.downstream / 1e6,
                    alone.upstream / 1e6,
                    beside.upstream / 1e6,
                    grown);
            assertThat(beside.downstream / alone.downstream)
                    .as("throughput of the healthy one, of what it is alone")
                    .isGreaterThan(0.5);
            assertThat(beside.upstream / alone.upstream)
                    .as("throughput of the upstream, of what it is alone")
                    .isGreaterThan(0.5);
            assertThat(grown).as("kB of resident memory").isLessThan(64 * 1024);
        }
        assertThat(SegmentFiles.assertSame(healthy.path(), primary.data().resolve("pg_wal")))
                .isGreaterThan(2 * ROUNDS);
    }

    @Test
    void walSenderTimeoutEndsThoseThatAreSilentAndLetsTheSlowOneGoOn() throws Exception {
        // Given
        startRelay("4s");
        try (RawReplicationClient observer =
                        RawReplicationClient.connect(relay.port()).logIn();
                Neighbours bad = new Neighbours(0, observer)) {
            // When
            round(observer);

            // Then
            await("the stalled and the dead one are ended").atMost(PATIENCE).until(() -> timeouts() == 2);
            long passed = bad.network.passed();
            await("the slow one gets more").atMost(PATIENCE).until(() -> bad.network.passed() > passed + 6L * SLOW);
            round(observer);
            assertThat(timeouts()).isEqualTo(2);
            assertThat(bad.slow.isAlive()).isTrue();
        }
    }

    private long timeouts() {
        return relay.log()
                .lines()
                .filter(line -> line.contains("terminating walsender process due to replication timeout"))
                .count();
    }

    /** A relay with much to send to whoever begins with its slot, and a healthy downstream that has it all. */
    private void startRelay(String walSenderTimeout) throws Exception {
        relay = Relays.process(
                clusters,
                primary.conninfo(),
                Map.of("wal_sender_timeout", walSenderTimeout, "max_replication_slots", "20"));
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(Positions.of(primary)));
        reserve("healthy");
        for (int round = 0; round < ROUNDS; round++) {
            reserve("slow" + round);
            reserve("stalled" + round);
            reserve("dead" + round);
        }
        Rows.insert(primary, 10_000);
        healthy = new WalDirectory(clusters.newDirectory("healthy"));
        clusters.closing(ending(tools.receiveWal(relay.port(), healthy, "--slot=healthy", "--synchronous")));
    }

    private void reserve(String slot) throws IOException {
        assertThat(Positions.ask(relay.port(), "CREATE_REPLICATION_SLOT " + slot + " PHYSICAL RESERVE_WAL"))
                .anyMatch(line -> line.startsWith("DataRow"));
    }

    /** Writes WAL, and waits until the primary has heard that it is flushed, and the relay too. */
    private Pace round(RawReplicationClient observer) throws Exception {
        Lsn begin = Positions.of(primary);
        long started = System.nanoTime();
        Rows.insert(primary, ROWS);
        Lsn end = Positions.of(primary);
        await("the relay has acknowledged " + end)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> primary.query("SELECT bool_or(flush_lsn >= '" + end + "') FROM pg_stat_replication")
                        .filter("t"::equals)
                        .isPresent());
        double upstream = end.minus(begin) * 1e9 / (System.nanoTime() - started);
        await("the healthy downstream has acknowledged " + end + ": " + healthy.log())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !restartLsn(observer, "healthy").isBefore(end));
        return new Pace(upstream, end.minus(begin) * 1e9 / (System.nanoTime() - started));
    }

    private static Lsn restartLsn(RawReplicationClient observer, String slot) throws IOException {
        return observer.answer("READ_REPLICATION_SLOT " + slot).stream()
                .filter(line -> line.startsWith("DataRow"))
                .map(row -> Lsn.parse(row.split("'", -1)[3]))
                .findFirst()
                .orElseThrow();
    }

    private static Closeable ending(Process process) {
        return () -> {
            try {
                process.destroyForcibly().waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        };
    }

    /**
     * How fast WAL got through.
     *
     * @param upstream bytes per second, to what the relay has acknowledged
     * @param downstream bytes per second, to what the healthy downstream has acknowledged
     */
    private record Pace(double upstream, double downstream) {
        static final Pace NONE = new Pace(0, 0);

        Pace best(Pace other) {
            return new Pace(Math.max(upstream, other.upstream), Math.max(downstream, other.downstream));
        }
    }

    /** The bad ones. All of them are owed what has been written since the relay was started. */
    private final class Neighbours implements Closeable {
        private final int round;
        private final Forwarder network = new Forwarder(relay.port()).throttle(SLOW);
        private final Process slow;
        private final RawReplicationClient stalled;
        private final VanishingClient dead;

        Neighbours(int round, RawReplicationClient observer) throws IOException {
            this.round = round;
            WalDirectory directory = new WalDirectory(clusters.newDirectory("slow"));
            slow = tools.receiveWal(network.port(), directory, "--slot=slow" + round, "--status-interval=1");
            stalled = RawReplicationClient.connect(relay.port()).logIn();
            stalled.query(stream("stalled" + round, observer)).untilCopyBoth();
            dead = new VanishingClient(relay.port(), stream("dead" + round, observer));
            dead.awaitVanished();
            await("the slow one is streaming: " + directory.log())
                    .atMost(PATIENCE)
                    .until(() -> network.passed() > SLOW);
        }

        private String stream(String slot, RawReplicationClient observer) throws IOException {
            return "START_REPLICATION SLOT " + slot + " " + restartLsn(observer, slot) + " TIMELINE 1";
        }

        /** Nothing has ended them. */
        void assertStillThere() throws IOException {
            for (String slot : List.of("slow" + round, "stalled" + round, "dead" + round)) {
                assertThat(Positions.ask(relay.port(), "START_REPLICATION SLOT " + slot + " 0/0 TIMELINE 1"))
                        .anyMatch(line -> line.contains("replication slot \"" + slot + "\" is active"));
            }
        }

        @Override
        public void close() throws IOException {
            dead.close();
            stalled.close();
            network.close();
            ending(slow).close();
        }
    }
}
