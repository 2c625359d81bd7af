package io.walrelay.bench.stage;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides who is connected to a primary, without stopping anybody: those who are not let in try again until they are.
 * So one is measured at a time, and all are as warm as servers are that have run for a while.
 */
public final class Gate {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final PostgresCluster primary;

    /** Makes the users. */
    public Gate(PostgresCluster primary) throws SQLException {
        this.primary = primary;
        for (Client client : Client.values()) {
            primary.execute("CREATE ROLE \"" + client.user() + "\" LOGIN REPLICATION");
        }
    }

    /** Lets these in and nobody else; returns when those who are there are gone, or have come and have all WAL. */
    public void admit(Set<Client> admitted) throws SQLException, IOException {
        allow(admitted);
        await(admitted, () -> {});
    }

    /** Lets these in and nobody else; returns when the others are gone. */
    public void allow(Set<Client> admitted) throws SQLException, IOException {
        String loaded = primary.query("SELECT pg_conf_load_time()").orElseThrow();
        Files.writeString(primary.data().resolve("pg_hba.conf"), rules(admitted));
        primary.execute("SELECT pg_reload_conf()");
        await("SELECT pg_conf_load_time() <> '" + loaded + "'", () -> {});
        // One that came in while the rules were being read is sent away as well.
        await(
                "SELECT count(pg_terminate_backend(pid)) = 0 FROM pg_stat_replication"
                        + " WHERE usename <> 'postgres' AND usename NOT IN " + users(admitted),
                () -> {});
    }

    /** Waits until these are connected and have all WAL. */
    public void await(Set<Client> clients, Primary.Check check) throws SQLException, IOException {
        await(
                "SELECT count(*) = " + clients.size() + " FROM pg_stat_replication WHERE usename IN " + users(clients)
                        + " AND state = 'streaming' AND flush_lsn >= pg_current_wal_flush_lsn()",
                check);
    }

    private static String users(Set<Client> clients) {
        return Stream.concat(Stream.of(""), clients.stream().map(Client::user))
                .map(user -> "'" + user + "'")
                .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String rules(Set<Client> admitted) {
        return Arrays.stream(Client.values())
                .map(client -> "host replication \"" + client.user() + "\" all "
                        + (admitted.contains(client) ? "trust" : "reject") + "\n")
                .collect(Collectors.joining(
                        "", "", "host all postgres all trust\nhost replication postgres all trust\n"));
    }

    private void await(String condition, Primary.Check check) throws SQLException, IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (primary.query(condition).filter("t"::equals).isEmpty()) {
            check.run();
            if (System.nanoTime() > deadline) {
                throw new IOException("still not true: " + condition);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
