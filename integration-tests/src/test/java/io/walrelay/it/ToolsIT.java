package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Relay;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.WalDirectory;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** PostgreSQL 15's own client tools, and pgjdbc, at the relay. */
class ToolsIT {
    private static final int MAJOR = 15;
    private static final int SEGMENT = 16 * 1024 * 1024;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Relay relay;

    @BeforeAll
    static void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of("max_replication_slots", "10", "wal_keep_size", "512MB"));
        Rows.createTable(primary);
        relay = Relays.process(clusters, primary.conninfo(), Map.of("max_replication_slots", "10"));
    }

    @AfterAll
    static void stop() throws IOException {
        clusters.close();
    }

    @ParameterizedTest(name = "pg_basebackup -X {0}")
    @ValueSource(strings = {"stream", "fetch"})
    void pgBasebackupMakesAStandbyThatFollowsUnderLoad(String walMethod) throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        Path directory = clusters.newDirectory("backup");
        tools.run("pgbench", at(primary.port(), "-i", "-q", "-s", "1", "postgres"));
        Process load = tools.start(
                directory.resolve("pgbench.log"),
                "pgbench",
                at(primary.port(), "-n", "-c", "2", "-T", "8", "postgres"));

        // When
        tools.run(
                "pg_basebackup",
                at(relay.port(), "-D", directory.resolve("data").toString(), "-R", "-X", walMethod, "-c", "fast"));
        tools.run("pg_verifybackup", directory.resolve("data").toString());
        PostgresCluster standby = clusters.adopt(directory, Map.of());
        standby.start();
        assertThat(load.waitFor(60, TimeUnit.SECONDS)).isTrue();

        // Then
        assertThat(standby.query("SELECT sender_port FROM pg_stat_wal_receiver"))
                .hasValue(Integer.toString(relay.port()));
        Rows.awaitReplayed(primary, standby);
        assertThat(dump(tools, standby)).isEqualTo(dump(tools, primary));
        standby.close();
    }

    @ParameterizedTest(name = "pg_receivewal {0}")
    @ValueSource(strings = {"", "--synchronous", "--slot", "--slot --synchronous", "--compress=gzip"})
    void pgReceivewalWritesTheFilesThatItWritesFromThePrimary(String options) throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        primary.execute("SELECT pg_switch_wal()");
        Rows.insert(primary, 1);
        awaitRelay();
        Lsn begin = position();
        Lsn end = new Lsn((begin.value() & -SEGMENT) + 2L * SEGMENT + 8192 * 3 + 100);
        WalDirectory direct = new WalDirectory(clusters.newDirectory("direct"));
        WalDirectory relayed = new WalDirectory(clusters.newDirectory("relayed"));
        List<String> chosen = options.isEmpty() ? List.of() : Arrays.asList(options.split(" "));

        // When
        Process fromPrimary = receive(tools, primary.port(), direct, end, chosen);
        Process fromRelay = receive(tools, relay.port(), relayed, end, chosen);
        await().until(() -> !direct.isEmpty() && !relayed.isEmpty());
        while (position().isBefore(end)) {
            Rows.insert(primary, 2000);
        }

        // Then
        assertThat(fromPrimary.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(fromRelay.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(fromPrimary.exitValue()).as(direct::log).isZero();
        assertThat(fromRelay.exitValue()).as(relayed::log).isZero();
        assertThat(relayed.names()).hasSize(3).isEqualTo(direct.names());
        for (String name : direct.names()) {
            // The last file of each ends somewhere behind the end that was asked for.
            int length = name.contains(".partial") ? (int) end.minus(new Lsn(end.value() & -SEGMENT)) : SEGMENT;
            assertThat(relayed.content(name, length)).as(name).isEqualTo(direct.content(name, length));
        }
        if (chosen.contains("--slot")) {
            tools.run("pg_receivewal", at(primary.port(), "--drop-slot", "--slot=archive"));
            tools.run("pg_receivewal", at(relay.port(), "--drop-slot", "--slot=archive"));
        }
    }

    @Test
    void pgReceivewalStopsOnRequestAndGoesOnWhereItWas() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        WalDirectory directory = new WalDirectory(clusters.newDirectory("resumed"));
        awaitRelay();
        String[] arguments = at(relay.port(), "-D", directory.path().toString(), "--status-interval=1");
        Process first = tools.start(directory.logFile(), "pg_receivewal", arguments);
        await().until(() -> !directory.isEmpty());

        // When
        ClientTools.interrupt(first);
        assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Rows.insert(primary, 1000);
        primary.execute("SELECT pg_switch_wal()");
        Process second = tools.start(directory.logFile(), "pg_receivewal", arguments);

        // Then
        assertThat(first.exitValue()).as(directory::log).isZero();
        await().until(() -> directory.names().stream().anyMatch(name -> !name.endsWith(".partial")));
        for (String name : directory.names()) {
            if (!name.endsWith(".partial")) {
                assertThat(directory.content(name, SEGMENT))
                        .isEqualTo(Files.readAllBytes(
                                primary.data().resolve("pg_wal").resolve(name)));
            }
        }
        ClientTools.interrupt(second);
        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void pgIsreadySaysThatTheRelayAcceptsConnections() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);

        // When
        String answer = tools.run("pg_isready", "-h", "127.0.0.1", "-p", Integer.toString(relay.port()));

        // Then
        assertThat(answer).contains("accepting connections");
    }

    @Test
    void pgjdbcStreamsTheBytesThatThePrimaryHas() throws Exception {
        // Given
        primary.execute("SELECT pg_switch_wal()");
        Lsn begin = position();
        Rows.insert(primary, 3000);
        Lsn end = position();
        awaitRelay();

        // When
        long relayed = checksum(relay.port(), begin, end);

        // Then
        assertThat(relayed).isEqualTo(checksum(primary.port(), begin, end));
    }

    @Test
    void aStandbyFollowsThroughARelayBehindARelay() throws Exception {
        // Given
        Relay second = Relays.process(clusters, relay.conninfo());
        PostgresCluster standby = clusters.standbyOf(second.port(), Map.of());
        standby.start();

        // When
        Rows.insert(primary, 3000);

        // Then
        Rows.assertEqual(primary, standby);
        standby.close();
        second.close();
    }

    private static Process receive(ClientTools tools, int port, WalDirectory directory, Lsn end, List<String> options)
            throws IOException {
        boolean slot = options.contains("--slot");
        if (slot) {
            tools.run("pg_receivewal", at(port, "--create-slot", "--slot=archive"));
        }
        return tools.start(
                directory.logFile(),
                "pg_receivewal",
                at(
                        port,
                        Stream.concat(
                                        Stream.of("-D", directory.path().toString(), "--endpos=" + end, "--no-loop"),
                                        options.stream()
                                                .map(option -> option.equals("--slot") ? "--slot=archive" : option))
                                .toArray(String[]::new)));
    }

    private static long checksum(int port, Lsn begin, Lsn end) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, "postgres");
        PGProperty.REPLICATION.set(properties, "true");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "9.4");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        CRC32C crc = new CRC32C();
        try (Connection connection =
                DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/replication", properties)) {
            PGConnection replication = connection.unwrap(PGConnection.class);
            try (PGReplicationStream stream = replication
                    .getReplicationAPI()
                    .replicationStream()
                    .physical()
                    .withStartPosition(LogSequenceNumber.valueOf(begin.value()))
                    .withStatusInterval(1, TimeUnit.SECONDS)
                    .start()) {
                for (long left = end.minus(begin); left > 0; ) {
                    ByteBuffer data = stream.read();
                    data.limit(data.position() + (int) Math.min(data.remaining(), left));
                    left -= data.remaining();
                    crc.update(data);
                }
                stream.setFlushedLSN(LogSequenceNumber.valueOf(end.value()));
                stream.forceUpdateStatus();
            }
        }
        return crc.getValue();
    }

    private static Lsn position() throws SQLException {
        return Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
    }

    private static void awaitRelay() throws SQLException {
        String end = position().toString();
        await("the relay's report of what it has flushed")
                .until(() -> primary.query("SELECT bool_or(flush_lsn >= '" + end + "') FROM pg_stat_replication")
                        .equals(Optional.of("t")));
    }

    /** The dump without the keys that pg_dumpall makes up for each run. */
    private static String dump(ClientTools tools, PostgresCluster cluster) throws IOException {
        return tools.run("pg_dumpall", "-h", "127.0.0.1", "-p", Integer.toString(cluster.port()), "-U", "postgres")
                .lines()
                .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .collect(Collectors.joining("\n"));
    }

    private static String[] at(int port, String... arguments) {
        return Stream.concat(
                        Stream.of("-h", "127.0.0.1", "-p", Integer.toString(port), "-U", "postgres"),
                        Stream.of(arguments))
                .toArray(String[]::new);
    }
}
