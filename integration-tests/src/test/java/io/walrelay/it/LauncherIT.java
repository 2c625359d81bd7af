package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.LauncherProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher takes care of before it becomes the program. */
class LauncherIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @Test
    void signalsReachAServerThatWasStartedWithThemIgnored() throws Exception {
        // Given
        List<String> ignoring = List.of("sh", "-c", "trap '' HUP INT TERM; exec \"$@\"", "sh");
        try (LauncherProcess server =
                LauncherProcess.startThrough(ignoring, directory, Map.of("listen_addresses", "127.0.0.1"))) {
            await().atMost(PATIENCE).until(() -> server.log().contains("ready to accept connections"));

            // When
            server.signal("HUP");

            // Then
            await().atMost(PATIENCE).until(() -> server.log().contains("received SIGHUP"));
            server.signal("TERM");
            assertThat(server.awaitEnd()).isZero();
        }
    }
}
