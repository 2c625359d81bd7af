package io.walrelay.it.support;

import io.walrelay.proxy.Proxy;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.embedded.FreePort;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The ways in which the tests run a relay. */
public final class Relays {
    private Relays() {}

    /** A relay in a process of its own, started, that goes with the clusters. */
    public static ServeProcess process(Clusters clusters, String primaryConninfo, Map<String, String> settings)
            throws IOException {
        return clusters.closing(new ServeProcess(clusters.newDirectory("relay"), primaryConninfo, settings))
                .start();
    }

    /** A relay in this process, that goes with the clusters: quick to start, and watched by Netty's leak detector. */
    public static Relay inProcess(Clusters clusters, String primaryConninfo, Map<String, String> settings)
            throws IOException {
        List<String> overrides = new ArrayList<>(List.of(
                "data_directory=" + clusters.newDirectory("relay").resolve("data"),
                "listen_addresses=127.0.0.1",
                "port=" + FreePort.next(),
                "wal_retrieve_retry_interval=200ms",
                // They ask in a minute what nobody asks in a day.
                "sql_cpu_limit=1000",
                "primary_conninfo=" + primaryConninfo));
        settings.forEach((name, value) -> overrides.add(name + "=" + value));
        Proxy proxy;
        try {
            proxy = Proxy.start(Configuration.load(null, overrides));
        } catch (ConfigurationException e) {
            throw new IOException(e);
        }
        return clusters.closing(new Relay() {
            @Override
            public int port() {
                return proxy.port();
            }

            @Override
            public void close() {
                proxy.close();
            }
        });
    }

    /** As {@link #process(Clusters, String, Map)}, with the default settings. */
    public static ServeProcess process(Clusters clusters, String primaryConninfo) throws IOException {
        return process(clusters, primaryConninfo, Map.of());
    }

    /**
     * The relay of a {@link Cascade}. With {@code -Dwalrelay.it.relay=standby} it is a second standby instead, which
     * shows that the test asks for nothing that PostgreSQL itself does not do.
     */
    public static Relay besideAStandby(Clusters clusters, PostgresCluster primary) throws IOException {
        if (!System.getProperty("walrelay.it.relay", "").equals("standby")) {
            return inProcess(clusters, primary.conninfo(), Map.of("max_replication_slots", "4"));
        }
        PostgresCluster standby = clusters.standbyOf(
                primary.port(),
                Map.of("max_replication_slots", "4", "bgwriter_delay", "10s", "checkpoint_timeout", "1h"));
        standby.start();
        return new Relay() {
            @Override
            public int port() {
                return standby.port();
            }

            @Override
            public void close() throws IOException {
                standby.close();
            }
        };
    }
}
