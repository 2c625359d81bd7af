package io.walrelay.proxy.walsender;

import io.walrelay.wire.tls.TlsSession;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Optional;

/**
 * Who a walsender sends to: what {@code pg_stat_replication} shows that does not change.
 *
 * @param pid of its session
 * @param applicationName what {@code synchronous_standby_names} matches
 * @param address empty for a Unix-domain socket
 * @param hostname empty: names of clients are not looked up
 * @param port -1 for a Unix-domain socket
 * @param backendStart when its session began
 * @param tls empty where the connection is not encrypted
 */
public record SenderClient(
        int pid,
        String user,
        String applicationName,
        Optional<InetAddress> address,
        Optional<String> hostname,
        int port,
        Instant backendStart,
        Optional<TlsSession> tls) {
    /** The client at the other end of a connection. */
    public static SenderClient of(
            int pid,
            String user,
            String applicationName,
            SocketAddress remote,
            Instant backendStart,
            Optional<TlsSession> tls) {
        boolean internet = remote instanceof InetSocketAddress;
        return new SenderClient(
                pid,
                user,
                applicationName,
                internet ? Optional.ofNullable(((InetSocketAddress) remote).getAddress()) : Optional.empty(),
                Optional.empty(),
                internet ? ((InetSocketAddress) remote).getPort() : -1,
                backendStart,
                tls);
    }
}
