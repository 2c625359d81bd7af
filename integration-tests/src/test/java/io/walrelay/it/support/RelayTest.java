package io.walrelay.it.support;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;

/** Tests each of which has a primary and a relay behind it, in a process of its own. */
public abstract class RelayTest extends PrimaryTest {
    @SuppressWarnings("NullAway.Init") // by startRelay, before each test
    protected ServeProcess relay;

    /** Starts the relay, once the primary runs. */
    protected final void startRelay(Map<String, String> settings) throws IOException {
        relay = Relays.process(clusters, primary.conninfo(), settings);
    }

    /** A standby behind the relay, started. */
    protected final PostgresCluster startStandby() throws IOException, SQLException {
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();
        return standby;
    }
}
