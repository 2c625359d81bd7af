package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.LauncherProcess;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Commits that wait for the relay, while many clients have its console do the heaviest that it does. */
class ConsoleLoadIT {
    private static final int CLIENTS = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SPAN = Duration.ofSeconds(5);
    private static final String HEAVY = "SELECT count(*), max(md5(a.name || b.name)) FROM pg_settings a, pg_settings b"
            + " WHERE a.setting || b.setting LIKE '%x%' OR a.name ~ b.name";

    /**
     * Two statements run at a time, on threads that let all others go first: what they still take is the caches of two processors
     * and the pauses of the collector: 0.60 to 0.64 are left where nothing else runs, 0.47 beside a build. Without that
     * priority it was 0.24 to 0.31.
     */
    private static final double LEAST = 0.35;

    @Test
    void heavyQueriesOfManyClientsLeaveReplicationMostOfItsPace() throws Exception {
        try (Clusters clusters = Clusters.of(15)) {
            // Given
            PostgresCluster primary = clusters.primary(Map.of("synchronous_standby_names", "walreceiver"));
            LauncherProcess relay = clusters.closing(LauncherProcess.start(
                    clusters.newDirectory("relay"), Map.of("primary_conninfo", primary.conninfo())));
            await().atMost(PATIENCE).until(() -> relay.log().contains("started streaming WAL"));
            ConsoleConnection.to(relay.port()).close();
            Rows.createTable(primary);
            commits(primary, Duration.ofSeconds(3));
            long alone = commits(primary, SPAN);

            // When
            AtomicLong queries = new AtomicLong();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(Thread.ofPlatform().daemon().start(() -> ask(relay.port(), queries)));
            }
            commits(primary, Duration.ofSeconds(3));
            long before = queries.get();
            long beside = commits(primary, SPAN);
            long answered = queries.get() - before;
            clients.forEach(Thread::interrupt);

            // Then
            System.out.printf(
                    "commits in %d s that wait for the relay: %d alone, %d beside %d heavy queries of %d clients%n",
                    SPAN.toSeconds(), alone, beside, answered, CLIENTS);
            assertThat(answered).isPositive();
            assertThat(beside / (double) alone).isGreaterThan(LEAST);
        }
    }

    private static void ask(int port, AtomicLong queries) {
        try (ConsoleConnection console = ConsoleConnection.to(port)) {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    console.ask(HEAVY);
                } catch (SQLException refused) {
                    // Too much time or memory: the next one.
                }
                queries.incrementAndGet();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long commits(PostgresCluster primary, Duration span) throws SQLException {
        long count = 0;
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            for (long end = System.nanoTime() + span.toNanos(); System.nanoTime() < end; count++) {
                statement.execute("INSERT INTO rows (content) VALUES ('x')");
            }
        }
        return count;
    }
}
