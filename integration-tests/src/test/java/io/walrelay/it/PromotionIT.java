package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.PrimaryTest;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.WalDirectory;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Failover of the upstream: the relay and all behind it go over to the new timeline, and nothing is mixed up. */
class PromotionIT extends PrimaryTest {
    private static final int MAJOR = 15;
    private static final int SEGMENT = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Map<String, String> SETTINGS =
            Map.of("wal_keep_size", "1GB", "bgwriter_delay", "10s", "checkpoint_timeout", "1h");

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster candidate;

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, SETTINGS, "--wal-segsize=1");
        candidate = clusters.standbyOf(primary.port(), SETTINGS);
        candidate.start();
    }

    @Test
    void relayFollowsTheSecondHostWhenItWasPromoted() throws Exception {
        // Given
        ServeProcess relay = Relays.process(clusters, bothHosts());
        PostgresCluster standby = standbyOf(relay);
        String receiver = receiver(standby);
        Rows.insert(primary, 5000);
        Rows.assertEqual(primary, standby);
        Rows.assertEqual(primary, candidate);

        // When
        primary.kill();
        candidate.promote();
        Rows.insert(candidate, 5000);

        // Then
        Rows.assertEqual(candidate, standby);
        assertThat(receiver(standby)).as("the standby's walreceiver").isEqualTo(receiver);
        assertThat(timeline(standby)).isEqualTo("2");
        assertServesBothTimelines(relay, candidate);
        assertThat(SegmentFiles.assertSame(
                        relay.dataDirectory().resolve("pg_wal"),
                        candidate.data().resolve("pg_wal")))
                .isPositive();
    }

    @Test
    void relayFollowsAnUpstreamThatIsPromotedWhileItStreams() throws Exception {
        // Given
        ServeProcess relay = Relays.process(clusters, candidate.conninfo());
        PostgresCluster standby = standbyOf(relay);
        String receiver = receiver(standby);
        Rows.insert(primary, 5000);
        Rows.assertEqual(primary, standby);

        // When
        primary.stop(PostgresCluster.StopMode.FAST);
        candidate.promote();
        Rows.insert(candidate, 5000);

        // Then
        Rows.assertEqual(candidate, standby);
        assertThat(receiver(standby)).as("the standby's walreceiver").isEqualTo(receiver);
        assertThat(timeline(standby)).isEqualTo("2");
        assertServesBothTimelines(relay, candidate);
        assertThat(relay.log()).doesNotContain("could not", "terminating");
    }

    @Test
    void relayAndStandbyFollowTwoPromotionsInARow() throws Exception {
        // Given
        PostgresCluster second = clusters.standbyOf(candidate.port(), SETTINGS);
        second.start();
        ServeProcess relay = Relays.process(
                clusters,
                "host=127.0.0.1,127.0.0.1,127.0.0.1 port=" + primary.port() + "," + candidate.port() + ","
                        + second.port() + " user=postgres");
        PostgresCluster standby = standbyOf(relay);
        Rows.insert(primary, 3000);
        Rows.assertEqual(primary, standby);
        Rows.assertEqual(primary, second);

        // When
        primary.kill();
        candidate.promote();
        Rows.insert(candidate, 3000);
        Rows.assertEqual(candidate, standby);
        Rows.assertEqual(candidate, second);
        candidate.kill();
        second.promote();
        Rows.insert(second, 3000);

        // Then
        Rows.assertEqual(second, standby);
        assertThat(timeline(standby)).isEqualTo("3");
        assertServesBothTimelines(relay, second);

        // And when the relay is started anew
        relay.kill();
        relay.start();
        Rows.insert(second, 100);

        // Then
        Rows.assertEqual(second, standby);
        assertServesBothTimelines(relay, second);
    }

    @Test
    void relayThatWasAwayForTwoPromotionsWalksThroughBoth() throws Exception {
        // Given
        PostgresCluster second = clusters.standbyOf(candidate.port(), SETTINGS);
        second.start();
        ServeProcess relay = Relays.process(clusters, primary.conninfo());
        PostgresCluster standby = standbyOf(relay);
        Rows.insert(primary, 1000);
        Rows.assertEqual(primary, standby);
        relay.stop();

        // When
        Rows.insert(primary, 3000);
        Rows.assertEqual(primary, second);
        primary.kill();
        candidate.promote();
        Rows.insert(candidate, 3000);
        Rows.assertEqual(candidate, second);
        candidate.kill();
        second.promote();
        Rows.insert(second, 3000);
        relay.set("primary_conninfo", second.conninfo()).start();

        // Then
        Rows.assertEqual(second, standby);
        assertThat(timeline(standby)).isEqualTo("3");
        assertServesBothTimelines(relay, second);
    }

    @Test
    void relayPassesOverAnOldPrimaryThatHasComeBack() throws Exception {
        // Given
        ServeProcess relay = Relays.process(clusters, bothHosts());
        PostgresCluster standby = standbyOf(relay);
        Rows.insert(primary, 100);
        Rows.assertEqual(primary, standby);
        Rows.assertEqual(primary, candidate);
        primary.kill();
        candidate.promote();
        Rows.insert(candidate, 100);
        Rows.assertEqual(candidate, standby);
        primary.start();
        Rows.insert(primary, 100);

        // When
        candidate.stop(PostgresCluster.StopMode.FAST);
        await().atMost(PATIENCE)
                .until(() -> relay.log().contains("highest timeline 1 of the primary is behind recovery timeline 2"));
        candidate.start();
        Rows.insert(candidate, 100);

        // Then
        Rows.assertEqual(candidate, standby);
        PostgresCluster fresh = standbyOf(relay);
        Rows.assertEqual(candidate, fresh);
    }

    @Test
    void relayFollowsAStandbyThatWasBehindItself() throws Exception {
        // Given
        primary.set("synchronous_standby_names", "relay");
        primary.reload();
        ServeProcess relay = Relays.process(clusters, primary.conninfo() + " application_name=relay");
        PostgresCluster behind = standbyOf(relay);
        PostgresCluster other = standbyOf(relay);
        Rows.assertEqual(primary, behind);
        Rows.assertEqual(primary, other);
        behind.stop(PostgresCluster.StopMode.FAST);
        other.stop(PostgresCluster.StopMode.FAST);
        for (int i = 0; i < 100; i++) {
            Rows.insert(primary, 1);
        }
        String committed = Rows.content(primary);

        // When
        primary.kill();
        relay.kill();
        relay.start();
        behind.start();
        await().atMost(PATIENCE).until(() -> Rows.content(behind).equals(committed));
        behind.promote();
        relay.stop();
        relay.set("primary_conninfo", behind.conninfo()).start();
        Rows.insert(behind, 1000);
        other.start();

        // Then
        Rows.assertEqual(behind, other);
        assertThat(timeline(other)).isEqualTo("2");
        assertServesBothTimelines(relay, behind);
    }

    @Test
    void walBeyondTheForkIsNotServedOnTheNewTimeline() throws Exception {
        // Given
        ServeProcess relay = Relays.process(clusters, bothHosts());
        Rows.insert(primary, 1000);
        Rows.assertEqual(primary, candidate);
        candidate.stop(PostgresCluster.StopMode.FAST);
        Rows.insert(primary, 5000);
        Lsn beyond =
                Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
        await().atMost(PATIENCE).until(() -> !position(relay).isBefore(beyond));

        // When
        primary.kill();
        candidate.start();
        candidate.promote();
        Rows.insert(candidate, 5000);

        // Then
        Lsn end = Lsn.parse(candidate.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
        await().atMost(PATIENCE)
                .until(() -> identity(relay).contains("'2'") && !position(relay).isBefore(end));
        assertServesBothTimelines(relay, candidate);
        assertThat(relay.log()).contains("is not part of timeline 2");
        try (RawReplicationClient client = client(relay.port());
                RawReplicationClient ofCandidate = client(candidate.port())) {
            String command = "START_REPLICATION " + beyond + " TIMELINE 1";
            assertThat(client.answer(command))
                    .isEqualTo(ofCandidate.answer(command))
                    .first()
                    .asString()
                    .contains("is not in this server's history");
        }
        PostgresCluster standby = standbyOf(relay);
        Rows.assertEqual(candidate, standby);
    }

    @Test
    void pgReceivewalAcrossAPromotionWritesWhatItWritesFromTheServer() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        ServeProcess relay = Relays.process(clusters, candidate.conninfo());
        WalDirectory direct = new WalDirectory(clusters.newDirectory("direct"));
        WalDirectory relayed = new WalDirectory(clusters.newDirectory("relayed"));
        awaitBoth(relay);
        Process fromServer = receive(tools, candidate.port(), direct);
        Process fromRelay = receive(tools, relay.port(), relayed);
        await().atMost(PATIENCE).until(() -> !direct.isEmpty() && !relayed.isEmpty());
        Rows.insert(primary, 5000);
        Rows.awaitReplayed(primary, candidate);

        // When
        primary.stop(PostgresCluster.StopMode.FAST);
        candidate.promote();
        Rows.insert(candidate, 5000);
        candidate.execute("SELECT pg_switch_wal()");
        Rows.insert(candidate, 10);

        // Then
        String last = candidate
                .query("SELECT pg_walfile_name(pg_current_wal_flush_lsn())")
                .orElseThrow();
        for (WalDirectory directory : List.of(direct, relayed)) {
            await().atMost(PATIENCE).until(() -> directory.names().contains(last + ".partial"));
        }
        interrupt(fromServer);
        interrupt(fromRelay);
        assertThat(relayed.names()).isEqualTo(direct.names()).contains("00000002.history");
        for (String name : direct.names()) {
            if (!name.equals(last + ".partial")) {
                assertThat(relayed.content(name, SEGMENT)).as(name).isEqualTo(direct.content(name, SEGMENT));
            }
        }
    }

    /** Compares what the relay says and sends of all timelines with what the server does that wrote them. */
    private void assertServesBothTimelines(ServeProcess relay, PostgresCluster server) throws Exception {
        Lsn end = Lsn.parse(server.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
        await().atMost(PATIENCE).until(() -> !position(relay).isBefore(end));
        try (RawReplicationClient ofRelay = client(relay.port());
                RawReplicationClient ofServer = client(server.port())) {
            assertThat(ofRelay.answer("IDENTIFY_SYSTEM")).isEqualTo(ofServer.answer("IDENTIFY_SYSTEM"));
            int newest = Integer.parseInt(timelineOf(ofServer));
            Path history = server.data().resolve("pg_wal").resolve(String.format("%08X.history", newest));
            for (int timeline = 2; timeline <= newest; timeline++) {
                String command = "TIMELINE_HISTORY " + timeline;
                assertThat(ofRelay.answer(command)).as(command).isEqualTo(ofServer.answer(command));
            }
            assertThat(Files.readAllBytes(
                            relay.dataDirectory().resolve("pg_wal").resolve(history.getFileName())))
                    .isEqualTo(Files.readAllBytes(history));
            Matcher entries = Pattern.compile("(?m)^(\\d+)\t([0-9A-F]+/[0-9A-F]+)\t")
                    .matcher(Files.readString(history, StandardCharsets.UTF_8));
            while (entries.find()) {
                Lsn switchPoint = Lsn.parse(entries.group(2));
                Lsn segment = new Lsn(switchPoint.value() & -SEGMENT);
                for (String start : List.of(segment.toString(), switchPoint.toString())) {
                    String command = "START_REPLICATION " + start + " TIMELINE " + entries.group(1);
                    assertThat(historic(relay.port(), command)).as(command).isEqualTo(historic(server.port(), command));
                }
            }
            String tip = "START_REPLICATION " + new Lsn(end.value() & -SEGMENT) + " TIMELINE " + newest;
            assertThat(ofRelay.stream(tip, end).transcript().lines())
                    .as(tip)
                    .isEqualTo(ofServer.stream(tip, end).transcript().lines());
        }
    }

    /** Streams a timeline that has ended to its end. */
    private static List<String> historic(int port, String command) throws IOException {
        try (RawReplicationClient client = client(port)) {
            return client.stream(command, new Lsn(Long.MAX_VALUE)).transcript().lines();
        }
    }

    private PostgresCluster standbyOf(ServeProcess relay) throws Exception {
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();
        await().atMost(PATIENCE).until(() -> !receiver(standby).isEmpty());
        return standby;
    }

    private String bothHosts() {
        return "host=127.0.0.1,127.0.0.1 port=" + primary.port() + "," + candidate.port() + " user=postgres";
    }

    private void awaitBoth(ServeProcess relay) throws SQLException {
        Lsn end = Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
        Rows.awaitReplayed(primary, candidate);
        await().atMost(PATIENCE).until(() -> !position(relay).isBefore(end));
    }

    private static Process receive(ClientTools tools, int port, WalDirectory directory) throws IOException {
        return tools.start(
                directory.logFile(),
                "pg_receivewal",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-U",
                "postgres",
                "-D",
                directory.path().toString());
    }

    private static void interrupt(Process tool) throws InterruptedException {
        tool.destroy();
        assertThat(tool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private static String receiver(PostgresCluster standby) throws SQLException {
        return standby.query("SELECT pid::text FROM pg_stat_wal_receiver WHERE status = 'streaming'")
                .orElse("");
    }

    private static String timeline(PostgresCluster standby) throws SQLException {
        return standby.query("SELECT received_tli::text FROM pg_stat_wal_receiver")
                .orElse("");
    }

    private static RawReplicationClient client(int port) throws IOException {
        return RawReplicationClient.connect(port).logIn();
    }

    private static String timelineOf(RawReplicationClient client) throws IOException {
        return row(client).split("'", -1)[3];
    }

    private static Lsn position(ServeProcess relay) throws IOException {
        return Lsn.parse(identity(relay).split("'", -1)[5]);
    }

    private static String identity(ServeProcess relay) throws IOException {
        try (RawReplicationClient client = client(relay.port())) {
            return row(client);
        }
    }

    private static String row(RawReplicationClient client) throws IOException {
        return client.answer("IDENTIFY_SYSTEM").stream()
                .filter(line -> line.startsWith("DataRow"))
                .findFirst()
                .orElseThrow();
    }
}
