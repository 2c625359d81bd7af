package io.walrelay.proxy.demo;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.embedded.FreePort;
import io.walrelay.proxy.embedded.PostgresBinaries;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Primary, relay and standby of one demo, in a temporary directory. The standby knows nothing but the relay: its base
 * backup came through it, and its {@code primary_conninfo} points at it.
 */
final class Stage implements Closeable {
    private static final int MAJOR = 18;

    /** What the relay, and its slot, are called on the primary. */
    static final String RELAY_NAME = "walrelay_demo";

    /** What relays behind the relay are called there, before their number. */
    private static final String BEHIND_NAME = "behind_demo_";

    /** What the standby is called in the relay's. */
    static final String STANDBY_NAME = "standby_demo";

    private final DemoRelay.Starter relayStarter;
    private final Path directory;
    private final Deque<Closeable> opened = new ArrayDeque<>();
    private final PostgresCluster primary;
    private final DemoRelay relay;
    private final PostgresCluster standby;

    /**
     * Starts all three.
     *
     * @param says told what is being done
     */
    Stage(DemoRelay.Starter relayStarter, Consumer<String> says)
            throws IOException, SQLException, ConfigurationException {
        this.relayStarter = relayStarter;
        try {
            PostgresBinaries binaries = PostgresBinaries.find(MAJOR);
            directory = temporaryDirectory();
            says.accept("starting a PostgreSQL " + binaries.version() + " primary");
            primary = PostgresCluster.initialize(binaries, directory.resolve("primary"), Map.of("fsync", "off"));
            opened.push(primary);
            primary.start();
            primary.execute("CREATE TABLE measurement (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                    + " taken timestamptz NOT NULL DEFAULT clock_timestamp(), content text NOT NULL)");

            says.accept("starting the relay behind it, with a replication slot");
            primary.execute("SELECT pg_create_physical_replication_slot('" + RELAY_NAME + "', true)");
            relay = startRelay(
                    "relay", primary.conninfo() + " application_name=" + RELAY_NAME, "primary_slot_name=" + RELAY_NAME);
            opened.push(relay);

            says.accept("taking a base backup through the relay, and starting a standby of it behind the relay");
            standby = PostgresCluster.restore(
                    binaries, directory.resolve("standby"), Map.of("fsync", "off"), "127.0.0.1", relay.port());
            opened.push(standby);
            standby.follow(
                    "host=127.0.0.1 port=" + relay.port() + " user=postgres application_name=" + STANDBY_NAME, null);
            standby.start();
        } catch (IOException | SQLException | ConfigurationException | RuntimeException e) {
            close();
            throw e;
        }
    }

    PostgresCluster primary() {
        return primary;
    }

    DemoRelay relay() {
        return relay;
    }

    PostgresCluster standby() {
        return standby;
    }

    /**
     * Starts a relay behind the relay. One of the same number goes on where the one before it ended. The caller closes
     * it before the stage.
     */
    DemoRelay startRelayBehind(int number) throws IOException, ConfigurationException {
        return startRelay(
                behind(number),
                "host=127.0.0.1 port=" + relay.port() + " user=postgres application_name=" + BEHIND_NAME + number);
    }

    /** Removes what a relay behind the relay has left, which has been closed. */
    void removeRelayBehind(int number) throws IOException {
        PostgresCluster.delete(directory.resolve(behind(number)));
    }

    private static String behind(int number) {
        return "behind" + number;
    }

    /** Stops all three, the last first, and removes what they made. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (IOException e) {
                if (failure != null) {
                    e.addSuppressed(failure);
                }
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private Path temporaryDirectory() throws IOException {
        Path directory = Files.createTempDirectory("walrelay-demo-");
        opened.push(() -> PostgresCluster.delete(directory));
        // The user that runs PostgreSQL has to come through here, whatever the umask is.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory;
    }

    private DemoRelay startRelay(String name, String primaryConninfo, String... more)
            throws IOException, ConfigurationException {
        List<String> settings = new ArrayList<>(List.of(
                "data_directory=" + directory.resolve(name),
                "listen_addresses=127.0.0.1",
                "port=" + FreePort.next(),
                // Its log would run through the picture; what goes wrong is told by whom it hits.
                "log_min_messages=panic",
                "primary_conninfo=" + primaryConninfo));
        settings.addAll(List.of(more));
        return relayStarter.start(Configuration.load(null, settings));
    }
}
