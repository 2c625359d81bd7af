package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.LauncherProcess;
import io.walrelay.it.support.PrimaryTest;
import io.walrelay.it.support.ProcessFigures;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Rows;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a relay costs that has nothing to do, as its launcher starts it. */
class IdleIT extends PrimaryTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 100;
    private static final long MOST_MEMORY = 250_000;
    private static final Duration IDLENESS = Duration.ofSeconds(10);
    private static final int SPANS = 6;

    @SuppressWarnings("NullAway.Init") // before each test
    private LauncherProcess relay;

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of("bgwriter_delay", "10s", "checkpoint_timeout", "1h"));
        relay = clusters.closing(LauncherProcess.start(
                clusters.newDirectory("relay"),
                Map.of("primary_conninfo", primary.conninfo(), "max_wal_senders", Integer.toString(CONNECTIONS + 10))));
        await().atMost(PATIENCE).until(() -> relay.log().contains("started streaming WAL"));
    }

    @Test
    void idleRelayUsesHardlyAnyCpuAndAHundredIdleConnectionsFitIntoMemory() throws Exception {
        // Given
        awaitRelay();
        List<RawReplicationClient> clients = new ArrayList<>();
        try {
            // When nobody is connected but the upstream
            double alone = cpuWhileIdle(1);

            // Then
            System.out.printf(
                    "idle relay: %.2f %% of a core, %d kB resident%n",
                    alone, ProcessFigures.residentKilobytes(relay.pid()));
            assertThat(alone).as("% of a core").isLessThan(1);

            // And when there are many connections, all of which have streamed some WAL and have nothing to do now
            Lsn begin = awaitRelay();
            for (int i = 0; i < CONNECTIONS; i++) {
                RawReplicationClient client =
                        RawReplicationClient.connect(relay.port()).logIn();
                clients.add(client);
                client.query("START_REPLICATION " + begin + " TIMELINE 1").untilCopyBoth();
            }
            for (int i = 0; i < 20; i++) {
                Rows.insert(primary, 500);
            }
            Lsn end = awaitRelay();
            for (RawReplicationClient client : clients) {
                client.untilWal(end);
                assertThat(client.transcript().lines().getLast()).startsWith("XLogData " + begin + " to " + end);
            }
            double connected = cpuWhileIdle(2);
            long memory = ProcessFigures.residentKilobytes(relay.pid());

            // Then
            System.out.printf(
                    "relay with %d idle connections: %.2f %% of a core, %d kB resident%n",
                    CONNECTIONS, connected, memory);
            assertThat(connected).as("% of a core").isLessThan(2);
            assertThat(memory).as("kB of resident memory").isLessThan(MOST_MEMORY);
        } finally {
            for (RawReplicationClient client : clients) {
                client.close();
            }
        }
    }

    /**
     * What the relay uses of a core, in %, once it has come to rest: a JVM goes on compiling for a while after it has
     * had something to do, and on a busy machine it takes longer. The least of some spans of idleness, up to the first
     * below {@code limit}.
     */
    private double cpuWhileIdle(double limit) throws IOException {
        double least = Double.MAX_VALUE;
        for (int span = 0; span < SPANS && least >= limit; span++) {
            least = Math.min(least, cpuOfOneSpan());
        }
        return least;
    }

    private double cpuOfOneSpan() throws IOException {
        long ticks = ProcessFigures.cpuTicks(relay.pid());
        long begin = System.nanoTime();
        await().atMost(IDLENESS.multipliedBy(3)).pollInterval(IDLENESS).until(() -> true);
        double seconds = (System.nanoTime() - begin) / 1e9;
        return (ProcessFigures.cpuTicks(relay.pid()) - ticks) * 100.0 / ProcessFigures.TICKS_PER_SECOND / seconds;
    }

    /** Waits until the relay has all that the primary has now. */
    private Lsn awaitRelay() throws SQLException {
        String end = primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow();
        await().atMost(PATIENCE)
                .until(() -> primary.query("SELECT bool_or(flush_lsn >= '" + end + "') FROM pg_stat_replication")
                        .filter("t"::equals)
                        .isPresent());
        return Lsn.parse(end);
    }
}
