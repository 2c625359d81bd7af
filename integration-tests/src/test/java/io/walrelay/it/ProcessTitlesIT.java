package io.walrelay.it;

import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Relay;
import io.walrelay.it.support.Relays;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the relay's threads are called while it works, as PostgreSQL's processes are in {@code ps}. */
class ProcessTitlesIT {
    private static final int MAJOR = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void threadsSayWhatTheyDo() throws Exception {
        // Given
        try (Clusters clusters = Clusters.of(MAJOR)) {
            PostgresCluster primary = clusters.primary(Map.of());
            Relay relay = Relays.inProcess(clusters, primary.conninfo(), Map.of());
            PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());

            // When
            standby.follow("host=127.0.0.1 port=" + relay.port() + " user=postgres application_name=standby1", null);
            standby.start();

            // Then
            awaitThread("walreceiver streaming [0-9A-F]+/[0-9A-F]+");
            awaitThread("walsender standby1 streaming [0-9A-F]+/[0-9A-F]+");
            standby.close();
            awaitNoThread("walsender standby1 .*");
        }
    }

    private static void awaitThread(String name) {
        await("a thread named " + name).atMost(PATIENCE).until(() -> isThere(Pattern.compile(name)));
    }

    private static void awaitNoThread(String name) {
        await("no thread named " + name).atMost(PATIENCE).until(() -> !isThere(Pattern.compile(name)));
    }

    private static boolean isThere(Pattern name) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> name.matcher(thread.getName()).matches());
    }
}
