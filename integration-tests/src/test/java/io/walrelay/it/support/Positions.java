package io.walrelay.it.support;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** Where the WAL ends, on relays and servers. */
public final class Positions {
    private Positions() {}

    /** Where a relay's WAL ends, as it says itself; 0/0 if it does not, for it knows no cluster yet. */
    public static Lsn of(Relay relay) throws IOException {
        return ask(relay.port(), "IDENTIFY_SYSTEM").stream()
                .filter(line -> line.startsWith("DataRow"))
                .findFirst()
                .map(row -> Lsn.parse(row.split("'", -1)[5]))
                .orElse(Lsn.INVALID);
    }

    /** Up to where a primary's WAL is flushed. */
    public static Lsn of(PostgresCluster primary) throws SQLException {
        return Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
    }

    /** One command over a connection of its own. */
    public static List<String> ask(int port, String command) throws IOException {
        try (RawReplicationClient client = RawReplicationClient.connect(port).logIn()) {
            return client.answer(command);
        }
    }
}
