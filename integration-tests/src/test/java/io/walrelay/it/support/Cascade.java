package io.walrelay.it.support;

import static org.awaitility.Awaitility.await;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A primary with a real cascading standby and a relay behind it, side by side: both have followed the primary over one
 * change of timeline, both lack the oldest WAL, both have a place for four slots.
 */
public final class Cascade implements Closeable {
    /** The default of initdb. */
    private static final long SEGMENT_SIZE = 16 * 1024 * 1024;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Pattern XLOGPOS = Pattern.compile("DataRow '\\d+', '\\d+', '([0-9A-F]+/[0-9A-F]+)'");

    private final Map<Integer, RawReplicationClient> observers = new HashMap<>();
    private final Clusters clusters;
    private final PostgresCluster primary;
    private final PostgresCluster standby;
    private final Relay relay;
    private final Lsn historic;
    private final Lsn switchPoint;

    /** Starts something that stands beside the standby, in an empty directory. */
    @FunctionalInterface
    public interface RelayStarter {
        /** Starts it behind {@code primary}. */
        Relay start(Clusters clusters, PostgresCluster primary) throws IOException;
    }

    /** Starts all of it and waits until both have everything. */
    public static Cascade start(int major, RelayStarter relayStarter) throws IOException, SQLException {
        Clusters clusters = Clusters.of(major);
        try {
            return new Cascade(clusters, relayStarter);
        } catch (IOException | SQLException | RuntimeException e) {
            clusters.close();
            throw e;
        }
    }

    private Cascade(Clusters clusters, RelayStarter relayStarter) throws IOException, SQLException {
        this.clusters = clusters;
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("max_replication_slots", "4");
        // Nothing but the tests moves the position: the background writer adds a record of running transactions now
        // and then, and with this delay it gets round to it once at most.
        settings.put("bgwriter_delay", "10s");
        settings.put("checkpoint_timeout", "1h");
        primary = clusters.primary(settings);
        primary.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
        switchSegment();
        switchSegment();
        standby = clusters.standbyOf(primary.port(), settings);
        standby.start();
        relay = relayStarter.start(clusters, primary);
        awaitBoth();
        switchSegment();
        historic = segmentOf(position());
        switchSegment();
        awaitBoth();
        forgetObservers();
        primary.stop(PostgresCluster.StopMode.FAST);
        primary.followNobody();
        primary.start();
        primary.promote();
        switchSegment();
        awaitBoth();
        switchPoint = Lsn.parse(Files.readString(primary.data().resolve("pg_wal/00000002.history"))
                .split("\t", -1)[1]);
    }

    /** The server from which all WAL comes. */
    public PostgresCluster primary() {
        return primary;
    }

    /** The model. */
    public PostgresCluster standby() {
        return standby;
    }

    /** What must be like the model. */
    public Relay relay() {
        return relay;
    }

    /** The positions now, once standby and relay have reached them. */
    public Landmarks settle() throws IOException {
        awaitBoth();
        Lsn position = position();
        return new Landmarks(position, segmentOf(position), switchPoint, segmentOf(switchPoint), historic);
    }

    /** Where the primary's WAL ends. */
    public Lsn position() throws IOException {
        Matcher matcher = XLOGPOS.matcher(String.join("\n", identity(primary.port())));
        return matcher.find() ? Lsn.parse(matcher.group(1)) : Lsn.INVALID;
    }

    @Override
    public void close() throws IOException {
        try {
            forgetObservers();
        } finally {
            clusters.close();
        }
    }

    private void forgetObservers() throws IOException {
        for (RawReplicationClient observer : observers.values()) {
            observer.close();
        }
        observers.clear();
    }

    private void awaitBoth() {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(this::bothAreThere);
    }

    private boolean bothAreThere() throws IOException {
        List<String> expected = identity(primary.port());
        return identity(standby.port()).equals(expected)
                && identity(relay.port()).equals(expected);
    }

    /** What a node says of itself, over a connection that is kept. */
    private List<String> identity(int port) throws IOException {
        RawReplicationClient client = observers.get(port);
        if (client == null) {
            client = RawReplicationClient.connect(port).logIn();
            observers.put(port, client);
        }
        List<String> identity = client.answer("IDENTIFY_SYSTEM");
        if (!RawReplicationClient.isComplete(identity)) {
            observers.remove(port);
            client.close();
        }
        return identity;
    }

    private void switchSegment() throws SQLException {
        primary.execute("INSERT INTO t VALUES (0)");
        primary.execute("SELECT pg_switch_wal()");
    }

    private static Lsn segmentOf(Lsn position) {
        return new Lsn(position.value() & -SEGMENT_SIZE);
    }
}
