package io.walrelay.bench.stage;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A primary that flushes as primaries do, with a relay and a standby that both follow it when they are let in.
 *
 * @param gate lets nobody in but the two, as yet
 */
public record Site(Primary primary, RelayProcess relay, PostgresCluster standby, Gate gate) {
    private static final String RETRY = "100ms";

    /** Starts all of it. */
    public static Site start(Workshop workshop) throws IOException, SQLException {
        Primary primary = Primary.start(workshop, Map.of("wal_keep_size", "2GB"));
        Gate gate = new Gate(primary.cluster());
        PostgresCluster standby = workshop.closing(PostgresCluster.restore(
                workshop.installation().binaries(),
                workshop.newPath("standby"),
                Map.of(
                        "shared_buffers", "128MB",
                        "max_connections", "120",
                        "max_wal_senders", "120",
                        "max_replication_slots", "20",
                        "wal_sender_timeout", "0",
                        "checkpoint_timeout", "1d",
                        "max_wal_size", "100GB",
                        "wal_retrieve_retry_interval", RETRY),
                "127.0.0.1",
                primary.cluster().port()));
        standby.follow(conninfo(primary, Client.STANDBY), null);
        standby.start();
        RelayProcess relay = workshop.closing(relay(workshop, primary));
        gate.admit(Set.of(Client.RELAY, Client.STANDBY));
        return new Site(primary, relay, standby, gate);
    }

    /** Starts another relay, with a directory of its own. */
    public RelayProcess newRelay(Workshop workshop) throws IOException {
        return relay(workshop, primary);
    }

    private static RelayProcess relay(Workshop workshop, Primary primary) throws IOException {
        return RelayProcess.start(
                workshop,
                Map.of(
                        "primary_conninfo",
                        conninfo(primary, Client.RELAY),
                        "wal_retrieve_retry_interval",
                        RETRY,
                        "wal_sender_timeout",
                        "0",
                        "max_wal_senders",
                        "120"));
    }

    /** Starts {@code pg_receivewal --synchronous} into an empty directory; it tries again until it is let in. */
    public Child receiveWal(Workshop workshop, Path files) throws IOException {
        return Child.start(
                "pg_receivewal",
                files.resolveSibling(files.getFileName() + ".log"),
                List.of(
                        workshop.installation().tool("pg_receivewal"),
                        "--synchronous",
                        "-D",
                        files.toString(),
                        "-d",
                        conninfo(primary, Client.RECEIVEWAL)));
    }

    private static String conninfo(Primary primary, Client client) {
        return "host=127.0.0.1 port=" + primary.cluster().port() + " user=" + client.user() + " application_name="
                + client.user();
    }
}
