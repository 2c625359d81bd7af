package io.walrelay.proxy;

import static io.walrelay.proxy.fixture.SampleCluster.configuration;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.session.ShutdownMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProxyTest {
    private static final Set<String> OURS = Set.of("upstream", "client", "wal-flusher", "maintenance");

    @TempDir
    private Path directory;

    /** Threads as a whole, so that those of earlier tests do not count. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> OURS.stream().anyMatch(thread.getName()::startsWith))
                .collect(Collectors.toSet());
    }

    private Proxy start(String... settings) throws Exception {
        return Proxy.start(configuration(Stream.concat(
                        Stream.of("data_directory=" + directory, "listen_addresses=127.0.0.1"), Stream.of(settings))
                .toArray(String[]::new)));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    @Test
    void startThatFailsLeavesNoThreadAndNoLock() throws Exception {
        // Given
        Set<Thread> before = threads();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // When
            assertThatThrownBy(() -> start("port=" + taken.getLocalPort()))
                    .isInstanceOf(IOException.class)
                    .hasMessage("could not create any TCP/IP sockets");
        }

        // Then
        for (Thread left : threads()) {
            if (!before.contains(left)) {
                assertThat(left.join(Duration.ofSeconds(20))).as(left.getName()).isTrue();
            }
        }
        start("port=" + freePort()).close();
    }

    @Test
    void aDirectoryThatAnotherHasIsRefusedAndLeftAlone() throws Exception {
        // Given
        try (Proxy other = start("port=" + freePort())) {
            byte[] pid = Files.readAllBytes(directory.resolve("walrelay.pid"));

            // When, Then
            assertThatThrownBy(() -> start("port=" + freePort()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("lock file \"" + directory.resolve("walrelay.pid")
                            + "\" is held by another process: is another walrelay (PID "
                            + ProcessHandle.current().pid() + ")");
            assertThat(directory.resolve("walrelay.pid")).hasBinaryContent(pid);
            assertThat(other.port()).isPositive();
        }
    }

    @Test
    void startThatFailsBecauseOfTheDirectoryLeavesNoLockEither() throws Exception {
        // Given
        Path slots = directory.resolve("pg_replslot");
        Files.writeString(slots, "not a directory");

        // When
        assertThatThrownBy(() -> start("port=" + freePort())).isInstanceOf(IOException.class);

        // Then
        Files.delete(slots);
        start("port=" + freePort()).close();
    }

    @Test
    void allWhoStopItReturnWhenItHasStopped() throws Exception {
        // Given
        Proxy proxy = start("port=" + freePort());

        // When
        List<CompletableFuture<Boolean>> stops = Stream.of(ShutdownMode.values())
                .map(mode -> CompletableFuture.supplyAsync(() -> {
                    proxy.stop(mode);
                    return isReleased();
                }))
                .toList();

        // Then
        for (CompletableFuture<Boolean> stop : stops) {
            assertThat(stop.get(20, TimeUnit.SECONDS)).isTrue();
        }
        proxy.await();
    }

    private synchronized boolean isReleased() {
        try (DataDirectoryLock lock = DataDirectoryLock.acquire(directory)) {
            return lock != null;
        } catch (IOException held) {
            return false;
        }
    }
}
