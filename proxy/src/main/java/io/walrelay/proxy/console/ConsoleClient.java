package io.walrelay.proxy.console;

import io.walrelay.proxy.console.state.BackendState;
import java.time.Instant;
import java.util.Optional;

/**
 * A client that has logged in.
 *
 * @param pid of its session
 * @param user that it logged in as
 * @param database that it asked for
 * @param admin whether it may call functions that change something
 * @param remoteAddress its IP address and port; empty for a Unix-domain socket
 * @param localAddress the IP address and port that it connected to; empty for a Unix-domain socket
 * @param started when its session began
 * @param tls empty where the connection is not encrypted
 * @param settings the settings of its session
 */
public record ConsoleClient(
        int pid,
        String user,
        String database,
        boolean admin,
        Optional<Address> remoteAddress,
        Optional<Address> localAddress,
        Instant started,
        Optional<BackendState.Tls> tls,
        ConsoleSettings settings) {
    /** An IP address in text, and a port. */
    public record Address(String host, int port) {}
}
