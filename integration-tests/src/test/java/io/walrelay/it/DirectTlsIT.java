package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Relay;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.TlsFiles;
import io.walrelay.it.support.TlsSocket;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * TLS that begins without being asked for, which PostgreSQL has from 17 on: at a real server, and at a relay before it.
 */
class DirectTlsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ParameterizedTest
    @ValueSource(ints = {15, 17, 18})
    void relayTakesAndBeginsItWhereItsServerDoes(int major) throws Exception {
        try (Clusters clusters = Clusters.of(major)) {
            // Given
            TlsFiles files = TlsFiles.in(clusters.newDirectory("certificates"));
            PostgresCluster primary = clusters.primary(Map.of());
            files.install(primary);
            boolean direct = major >= 17;
            String conninfo = "host=localhost hostaddr=127.0.0.1 port=" + primary.port()
                    + " user=postgres sslmode=verify-full sslrootcert=" + files.path("root.crt");

            // When
            Relay relay =
                    Relays.inProcess(clusters, conninfo + (direct ? " sslnegotiation=direct" : ""), files.settings());

            // Then
            await().atMost(PATIENCE)
                    .until(() -> primary.query("SELECT s.ssl FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid)"
                                    + " WHERE r.state = 'streaming'")
                            .equals(Optional.of("t")));
            for (int port : new int[] {primary.port(), relay.port()}) {
                if (direct) {
                    assertThat(answersSslRequest(port)).isEqualTo('N');
                }
                assertThat(isServed(port, "postgresql")).isEqualTo(direct);
                assertThat(isServed(port)).isFalse();
                assertThat(isServed(port, "h2")).isFalse();
                assertThat(TlsSocket.serialAt(port)).isEqualTo(TlsSocket.serialAt(primary.port()));
            }
        }
    }

    /** Inside TLS, it cannot be had once more. */
    private static int answersSslRequest(int port) throws IOException {
        try (TlsSocket socket = TlsSocket.direct(port, "postgresql")) {
            return socket.send(ByteBuffer.allocate(8).putInt(8).putInt(80877103).array())
                    .read();
        }
    }

    /** Whether there is anybody behind the handshake: a start-up packet without a user is told so. */
    private static boolean isServed(int port, String... protocols) {
        try (TlsSocket socket = TlsSocket.direct(port, protocols)) {
            socket.send(ByteBuffer.allocate(9)
                    .putInt(9)
                    .putInt(196608)
                    .put((byte) 0)
                    .array());
            return socket.read() == 'E';
        } catch (IOException refused) {
            return false;
        }
    }
}
