package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.LauncherProcess;
import io.walrelay.it.support.ProcessFigures;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
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
    private static final Duration WARM_UP = Duration.ofSeconds(3);

    /** By then they have used up what a console that nobody asked had saved. */
    private static final Duration SAVED = Duration.ofSeconds(6);

    private static final Duration SPAN = Duration.ofSeconds(5);
    private static final String HEAVY = "SELECT count(*), max(md5(a.name || b.name)) FROM pg_settings a, pg_settings b"
            + " WHERE a.setting || b.setting LIKE '%x%' OR a.name ~ b.name";

    /**
     * The console's share is a twentieth of the two processors that this was written on ({@code sql_cpu_limit}).
     * Without it, with the priority of its threads alone, 0.6 were left on a quiet machine, and 0.2 on a busy one.
     */
    private static final double LEAST = 0.5;

    /** The default of {@code sql_cpu_limit}, and half as much for what began before the time and ends within it. */
    private static final double MOST = 0.15;

    private static final String CONSOLE_THREADS = "console-";

    @Test
    void heavyQueriesOfManyClientsLeaveReplicationItsPace() throws Exception {
        try (Clusters clusters = Clusters.of(15)) {
            // Given
            PostgresCluster primary = clusters.primary(Map.of("synchronous_standby_names", "walreceiver"));
            LauncherProcess relay = clusters.closing(LauncherProcess.start(
                    clusters.newDirectory("relay"), Map.of("primary_conninfo", primary.conninfo())));
            await().atMost(PATIENCE).until(() -> relay.log().contains("started streaming WAL"));
            ConsoleConnection.to(relay.port()).close();
            Rows.createTable(primary);
            commits(primary, WARM_UP);
            long before = commits(primary, SPAN);

            // When
            AtomicLong queries = new AtomicLong();
            List<ConsoleConnection> clients = new ArrayList<>();
            List<Thread> asking = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                ConsoleConnection client = ConsoleConnection.to(relay.port());
                clients.add(client);
                asking.add(Thread.ofPlatform().daemon().start(() -> ask(client, queries)));
            }
            commits(primary, SAVED);
            long beforehand = queries.get();
            long ticks = ProcessFigures.cpuTicks(relay.pid(), CONSOLE_THREADS);
            long beside = commits(primary, SPAN);
            double share = (ProcessFigures.cpuTicks(relay.pid(), CONSOLE_THREADS) - ticks)
                    / (double) (SPAN.toSeconds() * ProcessFigures.TICKS_PER_SECOND);
            long answered = queries.get() - beforehand;
            for (ConsoleConnection client : clients) {
                client.jdbc().abort(Runnable::run);
            }
            for (Thread thread : asking) {
                thread.join();
            }
            long after = commits(primary, SPAN);

            // Then
            long alone = Math.min(before, after);
            System.out.printf(
                    "commits in %d s that wait for the relay: %d and %d alone, %d beside %d heavy queries of %d clients: %.2f; SQL took %.2f of a processor%n",
                    SPAN.toSeconds(), before, after, beside, answered, CLIENTS, beside / (double) alone, share);
            assertThat(answered).isPositive();
            assertThat(share).isBetween(0.01, MOST);
            assertThat(beside / (double) alone).isGreaterThan(LEAST);
        }
    }

    /** Until the connection is cut. */
    private static void ask(ConsoleConnection console, AtomicLong queries) {
        boolean connected = true;
        while (connected) {
            try {
                console.ask(HEAVY);
                queries.incrementAndGet();
            } catch (SQLException refused) {
                boolean lost = String.valueOf(refused.getSQLState()).startsWith("08");
                // Else it was too much time or memory: the next one.
                connected = !lost;
                queries.addAndGet(lost ? 0 : 1);
            }
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
