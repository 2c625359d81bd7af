package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.RelayTest;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ends of sessions that the relay brings about: a cancel request, a shutdown. PostgreSQL's own are the measure. */
class ShutdownIT extends RelayTest {
    private static final int MAJOR = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of("bgwriter_delay", "10s", "checkpoint_timeout", "1h"));
        startRelay(Map.of("wal_sender_timeout", "60s"));
    }

    @Test
    void cancelRequestEndsTheStreamAndNotTheSession() throws Exception {
        // Given
        Lsn end = awaitRelay();
        try (RawReplicationClient client = client(relay.port());
                RawReplicationClient ofPrimary = client(primary.port())) {
            stream(client, end);
            stream(ofPrimary, end);

            // When
            client.cancel();
            ofPrimary.cancel();

            // Then
            client.untilReady();
            ofPrimary.untilReady();
            assertThat(client.transcript().lines())
                    .isEqualTo(ofPrimary.transcript().lines())
                    .last()
                    .asString()
                    .startsWith("ReadyForQuery");
            assertThat(client.answer("IDENTIFY_SYSTEM")).hasSizeGreaterThan(2);
        }
    }

    @Test
    void sessionsThatSpeakSqlAreToldAndDoNotKeepTheRelayUp() throws Exception {
        // Given
        awaitRelay();
        try (Connection idle = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + relay.port() + "/postgres", "postgres", "");
                Statement statement = idle.createStatement()) {
            statement.execute("SELECT pg_is_in_recovery()");

            // When
            relay.stop();

            // Then
            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            failure -> assertThat(failure.getSQLState()).isEqualTo("57P01"));
            assertThat(relay.log()).contains("walrelay is shut down").doesNotContain("could not stop");
        }
    }

    @Test
    void cancelRequestWithAWrongKeyDoesNothing() throws Exception {
        // Given
        Lsn end = awaitRelay();
        try (RawReplicationClient client = client(relay.port());
                RawReplicationClient other = RawReplicationClient.connect(relay.port())) {
            stream(client, end);

            // When
            other.startupPacket(
                            80877102,
                            ByteBuffer.allocate(8).putInt(1000).putInt(42).array())
                    .untilClosed();
            Rows.insert(primary, 100);
            Lsn next = awaitRelay();

            // Then
            client.untilWal(next);
            assertThat(client.transcript().lines().getLast()).startsWith("XLogData " + end + " to " + next);
            assertThat(other.transcript().lines()).containsExactly("(closed)");
        }
    }

    @Test
    void idleSessionsAreToldThatTheRelayShutsDown() throws Exception {
        // Given
        RawReplicationClient client = client(relay.port());
        RawReplicationClient ofPrimary = client(primary.port());

        // When
        relay.stop();
        primary.stop(PostgresCluster.StopMode.FAST);

        // Then
        List<String> lines = client.untilClosed().transcript().lines();
        assertThat(lines).isEqualTo(ofPrimary.untilClosed().transcript().lines());
        assertThat(lines).hasSize(2).first().asString().contains("57P01", "FATAL");
    }

    @Test
    void streamsEndWithCopy0WhenTheClientHasFlushedAll() throws Exception {
        // Given
        Lsn begin = awaitRelay();
        RawReplicationClient client = client(relay.port());
        stream(client, begin);
        Rows.insert(primary, 1000);
        Lsn end = awaitRelay();
        client.untilWal(end);

        // When
        relay.signal("TERM");
        await().atMost(PATIENCE).until(() -> relay.log().contains("received smart shutdown request"));
        client.untilKeepalive();
        assertThat(relay.isAlive()).as("while the client has not flushed").isTrue();
        client.message('d', status(end));

        // Then
        List<String> lines = client.untilClosed().transcript().lines();
        assertThat(lines.subList(lines.size() - 2, lines.size())).containsExactly("CommandComplete COPY 0", "(closed)");
        assertThat(relay.awaitEnd()).isZero();
        assertThat(relay.log()).contains("walrelay is shut down").doesNotContain("shutdown timeout");
    }

    @Test
    void clientThatNeverConfirmsIsNotWaitedForLongerThanTheShutdownTimeout() throws Exception {
        // Given
        restartWith(Map.of("wal_sender_timeout", "0", "wal_sender_shutdown_timeout", "1s"));
        RawReplicationClient client = streamWithoutConfirming();

        // When
        relay.signal("TERM");

        // Then
        List<String> lines = client.untilClosed().transcript().lines();
        assertThat(lines.subList(lines.size() - 2, lines.size())).containsExactly("CommandComplete COPY 0", "(closed)");
        assertThat(relay.awaitEnd()).isZero();
        assertThat(relay.log()).contains("terminating walsender process due to replication shutdown timeout");
    }

    @Test
    void clientThatTakesNothingDoesNotKeepTheRelayUp() throws Exception {
        // Given: more WAL than the sockets hold
        restartWith(Map.of("wal_sender_timeout", "0", "wal_sender_shutdown_timeout", "1s"));
        RawReplicationClient client = client(relay.port());
        stream(client, awaitRelay());
        Rows.insert(primary, 100_000);
        awaitRelay();

        // When
        relay.signal("TERM");

        // Then
        assertThat(relay.awaitEnd()).isZero();
        assertThat(relay.log()).contains("walrelay is shut down").doesNotContain("could not stop");
        assertThat(client.untilClosed().transcript().lines()).last().isEqualTo("(closed)");
    }

    @Test
    void whoeverDoesNotLogInIsLeftWhenHisTimeIsUp() throws Exception {
        // Given
        String rules =
                "host replication nobody 127.0.0.1/32 scram-sha-256\nhost all,replication postgres 127.0.0.1/32 trust\n";
        Path files = clusters.newDirectory("files");
        Path hbaFile = Files.writeString(files.resolve("hba.conf"), rules);
        Path authFile = Files.createFile(
                files.resolve("users.txt"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(primary.data().resolve("pg_hba.conf"), rules);
        primary.execute("ALTER SYSTEM SET authentication_timeout = '2s'");
        primary.reload();
        restartWith(Map.of(
                "authentication_timeout", "2s", "hba_file", hbaFile.toString(), "auth_file", authFile.toString()));

        // When
        RawReplicationClient silent = RawReplicationClient.connect(relay.port());
        RawReplicationClient ofPrimary = RawReplicationClient.connect(primary.port());
        RawReplicationClient undecided = undecided(relay.port());
        RawReplicationClient undecidedOfPrimary = undecided(primary.port());

        // Then
        assertThat(silent.untilClosed().transcript().lines())
                .isEqualTo(ofPrimary.untilClosed().transcript().lines())
                .containsExactly("(closed)");
        assertThat(undecided.untilClosed().transcript().lines())
                .isEqualTo(undecidedOfPrimary.untilClosed().transcript().lines())
                .hasSize(2);
    }

    /** A client that is asked for a password, and gives none. */
    private static RawReplicationClient undecided(int port) throws IOException {
        return RawReplicationClient.connect(port).startup("user", "nobody", "replication", "true");
    }

    @Test
    void secondInterruptWaitsForNoClient() throws Exception {
        // Given
        restartWith(Map.of("wal_sender_timeout", "0", "wal_sender_shutdown_timeout", "-1"));
        RawReplicationClient client = streamWithoutConfirming();
        relay.signal("INT");
        await().atMost(PATIENCE).until(() -> relay.log().contains("received fast shutdown request"));
        client.untilKeepalive();
        assertThat(relay.isAlive()).isTrue();

        // When
        relay.signal("INT");

        // Then
        client.untilClosed();
        assertThat(relay.awaitEnd()).isZero();
        assertThat(relay.log()).contains("walrelay is shut down");
    }

    @Test
    void immediateShutdownAsksNobodyAndTheNextStartGoesOnWithoutAGap() throws Exception {
        // Given
        restartWith(Map.of("wal_sender_timeout", "0", "wal_sender_shutdown_timeout", "-1"));
        RawReplicationClient client = streamWithoutConfirming();
        String before = relay.log();
        relay.signal("TERM");
        client.untilKeepalive();

        // When
        relay.signal("QUIT");

        // Then
        client.untilClosed();
        assertThat(relay.awaitEnd()).isEqualTo(3);
        assertThat(relay.log().substring(before.length())).doesNotContain("walrelay is shut down");

        // When
        Rows.insert(primary, 1000);
        relay.start();

        // Then
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();
        Rows.assertEqual(primary, standby);
    }

    private void restartWith(Map<String, String> settings) throws IOException {
        relay.stop();
        settings.forEach(relay::set);
        relay.start();
    }

    /** A client that has all WAL and does not say so. */
    private RawReplicationClient streamWithoutConfirming() throws Exception {
        Lsn begin = awaitRelay();
        RawReplicationClient client = client(relay.port());
        stream(client, begin);
        Rows.insert(primary, 100);
        client.untilWal(awaitRelay());
        return client;
    }

    @Test
    void primaryCanShutDownBecauseTheRelayAcknowledgesTheLastCheckpoint() throws Exception {
        // Given
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();
        Rows.insert(primary, 1000);
        Rows.assertEqual(primary, standby);

        // When
        primary.stop(PostgresCluster.StopMode.FAST);

        // Then
        assertThat(Files.readString(primary.log())).contains("database system is shut down");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(relay.log()).contains("replication terminated by primary server"));
        primary.start();
        Rows.insert(primary, 10);
        Rows.assertEqual(primary, standby);
    }

    private static RawReplicationClient client(int port) throws IOException {
        return RawReplicationClient.connect(port).logIn();
    }

    private static void stream(RawReplicationClient client, Lsn from) throws IOException {
        client.answer("IDENTIFY_SYSTEM");
        client.query("START_REPLICATION " + from + " TIMELINE 1").untilCopyBoth();
    }

    private static byte[] status(Lsn flushed) {
        return ByteBuffer.allocate(34)
                .put((byte) 'r')
                .putLong(flushed.value())
                .putLong(flushed.value())
                .putLong(0)
                .putLong(0)
                .put((byte) 0)
                .array();
    }

    /** Waits until the relay has all that the primary has now. */
    private Lsn awaitRelay() throws SQLException {
        String end = primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow();
        await().atMost(PATIENCE)
                .until(() -> primary.query("SELECT bool_or(flush_lsn >= '" + end + "') FROM pg_stat_replication")
                        .filter("t"::equals)
                        .isPresent());
        return Lsn.parse(end);
    }
}
