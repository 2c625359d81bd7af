package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relay;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.Transcript;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a physical slot lives through, at the relay and at its primary. Single commands are compared in {@code
 * CommandTableIT}.
 */
class SlotIT {
    private static final int SEGMENT = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Map<String, String> LIMITS =
            Map.of("max_slot_wal_keep_size", "2MB", "max_replication_slots", "6", "wal_keep_size", "0");

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before each test
    private Relay relay;

    private void start(int major) throws IOException, SQLException {
        start(major, LIMITS);
    }

    private void start(int major, Map<String, String> limits) throws IOException, SQLException {
        clusters = Clusters.of(major);
        primary = clusters.primary(limits, "--wal-segsize=1");
        Rows.createTable(primary);
        relay = Relays.inProcess(clusters, primary.conninfo(), limits);
        awaitRelay();
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void reservedWalBeginsWhereThePrimarysCheckpointDoes(int major) throws Exception {
        // Given
        start(major);
        Rows.insert(primary, 100);
        primary.execute("CHECKPOINT");
        Rows.insert(primary, 100);
        awaitRelay();
        String redo =
                primary.query("SELECT redo_lsn FROM pg_control_checkpoint()").orElseThrow();

        // When
        for (int port : List.of(primary.port(), relay.port())) {
            Positions.ask(port, "CREATE_REPLICATION_SLOT reserved PHYSICAL RESERVE_WAL");

            // Then
            assertThat(Positions.ask(port, "READ_REPLICATION_SLOT reserved"))
                    .contains("DataRow 'physical', '" + redo + "', '1'");
        }
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void slotBehavesAsThePrimarysWhenTwoSessionsWantIt(int major) throws Exception {
        // Given
        start(major);
        Lsn position = Positions.of(primary);

        // When
        String expected = shared(primary.port(), position);

        // Then
        assertThat(shared(relay.port(), position)).isEqualTo(expected).contains("55006", "is active for PID");
    }

    /** Two sessions: one streams, the other would too, and drops the slot when the first is gone. */
    private static String shared(int port, Lsn position) throws IOException {
        try (RawReplicationClient first = RawReplicationClient.connect(port).logIn();
                RawReplicationClient second = RawReplicationClient.connect(port).logIn()) {
            first.ask("CREATE_REPLICATION_SLOT shared PHYSICAL");
            first.query("START_REPLICATION SLOT shared " + position).untilCopyBoth();
            second.ask("START_REPLICATION SLOT shared " + position)
                    .ask("DROP_REPLICATION_SLOT shared")
                    .ask("READ_REPLICATION_SLOT shared");
            second.query("DROP_REPLICATION_SLOT shared WAIT");
            first.message('c').untilReady();
            second.untilReady().ask("READ_REPLICATION_SLOT shared");
            return withoutWal(first.transcript()) + "\n" + second.transcript();
        }
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void restartLsnIsWhatTheClientHasFlushed(int major) throws Exception {
        // Given
        start(major);
        Lsn position = Positions.of(primary);

        // When
        List<String> expected = flushed(primary.port(), position);

        // Then
        assertThat(flushed(relay.port(), position))
                .isEqualTo(expected)
                .containsExactly(
                        "DataRow 'physical', NULL, NULL",
                        "DataRow 'physical', '" + position + "', '1'",
                        "DataRow 'physical', '" + position + "', '1'");
    }

    private static List<String> flushed(int port, Lsn position) throws IOException {
        try (RawReplicationClient client = RawReplicationClient.connect(port).logIn()) {
            client.answer("CREATE_REPLICATION_SLOT progress PHYSICAL");
            String unused = row(client);
            client.query("START_REPLICATION SLOT progress " + position).untilCopyBoth();
            status(client, position);
            client.message('c').untilReady();
            String confirmed = row(client);
            client.query("START_REPLICATION SLOT progress " + position).untilCopyBoth();
            status(client, Lsn.INVALID);
            client.message('c').untilReady();
            return List.of(unused, confirmed, row(client));
        }
    }

    private static String row(RawReplicationClient client) throws IOException {
        return client.answer("READ_REPLICATION_SLOT progress").stream()
                .filter(line -> line.startsWith("DataRow"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void slotThatTheRelayMakesForItselfAtThePrimaryIsAsAStandbys() throws Exception {
        // Given
        Map<String, String> settings = Map.of("wal_receiver_create_temp_slot", "on");
        String slots =
                "SELECT string_agg(concat_ws(' ', regexp_replace(slot_name, '[0-9]+$', 'PID'), slot_type, temporary,"
                        + " active, restart_lsn IS NOT NULL), ', ') FROM pg_replication_slots";
        String one = "pg_walreceiver_PID physical t t t";

        // When
        start(17, settings);

        // Then
        assertThat(primary.query(slots)).hasValue(one);

        // And when a standby makes its own
        PostgresCluster standby = clusters.standbyOf(primary.port(), settings);
        standby.start();
        Rows.awaitReplayed(primary, standby);

        // Then
        assertThat(primary.query(slots)).hasValue(one + ", " + one);

        // And when both go
        relay.close();
        standby.stop(PostgresCluster.StopMode.FAST);

        // Then
        await().atMost(PATIENCE).until(() -> primary.query(slots).isEmpty());
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void slotIsLostAsThePrimarysWhenItsClientFallsTooFarBehind(int major) throws Exception {
        // Given
        start(major);
        Lsn begin = Positions.of(primary);
        try (RawReplicationClient atPrimary = streaming(primary.port(), begin);
                RawReplicationClient atRelay = streaming(relay.port(), begin)) {

            // When
            for (int i = 0; i < 8; i++) {
                Rows.insert(primary, 500);
                primary.execute("SELECT pg_switch_wal()");
            }
            Lsn end = Positions.of(primary);
            atPrimary.untilWal(end);
            atRelay.untilWal(end);
            primary.execute("CHECKPOINT");
            awaitLost(primary.port());
            awaitLost(relay.port());

            // Then
            assertThat(withoutWal(atRelay.untilClosed().transcript()))
                    .isEqualTo(withoutWal(atPrimary.untilClosed().transcript()))
                    .contains("FATAL", "57P01");
        }

        // And when somebody comes back to it
        Rows.insert(primary, 1);
        awaitRelay();
        Lsn now = Positions.of(primary);
        String expected = afterwards(primary.port(), begin, now);

        // Then
        String answers = afterwards(relay.port(), begin, now);
        assertThat(answers).isEqualTo(expected);
        if (major >= 18) {
            assertThat(answers).contains("55000", "can no longer access replication slot", "wal_removed");
        } else {
            assertThat(answers).contains("58P01", "has already been removed", "DataRow 'physical', '" + now + "', '1'");
        }
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void walStatusIsThePrimarysWhileTheSlotFallsBehind(int major) throws Exception {
        // Given
        Map<String, String> limits = Map.of("max_slot_wal_keep_size", "8MB", "wal_keep_size", "0");
        clusters = Clusters.of(major);
        Map<String, String> ofServer = new HashMap<>(limits);
        ofServer.putAll(Map.of("max_wal_size", "3MB", "min_wal_size", "2MB"));
        primary = clusters.primary(ofServer, "--wal-segsize=1");
        Rows.createTable(primary);
        // For checkpoints remove at once what only the relay has not received yet.
        Positions.ask(primary.port(), "CREATE_REPLICATION_SLOT relay PHYSICAL RESERVE_WAL");
        Map<String, String> ofRelay = new HashMap<>(limits);
        ofRelay.put("primary_slot_name", "relay");
        relay = Relays.inProcess(clusters, primary.conninfo(), ofRelay);
        awaitRelay();
        Lsn begin = Positions.of(primary);
        for (int port : List.of(primary.port(), relay.port())) {
            try (RawReplicationClient client = streaming(port, begin)) {
                client.report(begin, begin, begin, true).untilKeepalive();
            }
        }

        // When
        Set<String> seen = new LinkedHashSet<>();
        for (int i = 0; i < 8; i++) {
            primary.execute("SELECT pg_switch_wal() FROM pg_logical_emit_message(true, '', 'x')");
            String expected = awaitSameStatus();
            seen.add(expected.substring(0, expected.indexOf(' ')));
        }

        // Then
        assertThat(seen).containsExactly("reserved", "extended");

        // When
        for (int i = 0; i < 6; i++) {
            primary.execute("SELECT pg_switch_wal() FROM pg_logical_emit_message(true, '', 'x')");
        }
        primary.execute("CHECKPOINT");

        // Then
        assertThat(awaitSameStatus()).isEqualTo("lost none");
    }

    /** Positions move by themselves at times, and the relay looks after its slots every ten seconds. */
    private String awaitSameStatus() throws SQLException {
        String query = "SELECT wal_status || ' ' || coalesce(safe_wal_size::text, 'none') FROM pg_replication_slots"
                + " WHERE slot_name = 'slow'";
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + relay.port() + "/postgres", "postgres", "");
                Statement statement = connection.createStatement()) {
            AtomicReference<String> same = new AtomicReference<>("");
            await("both show the same status").atMost(PATIENCE).untilAsserted(() -> {
                try (ResultSet row = statement.executeQuery(query)) {
                    assertThat(row.next()).isTrue();
                    same.set(row.getString(1));
                }
                assertThat(same.get()).isEqualTo(primary.query(query).orElseThrow());
            });
            return String.valueOf(same.get());
        }
    }

    @Test
    void slotThatNobodyUsesIsInvalidatedAsThePrimarys() throws Exception {
        // Given
        start(18, Map.of("idle_replication_slot_timeout", "1s"));
        Lsn begin = Positions.of(primary);
        for (int port : List.of(primary.port(), relay.port())) {
            Positions.ask(port, "CREATE_REPLICATION_SLOT slow PHYSICAL RESERVE_WAL");
        }

        // When
        await("the checkpoint finds the slot idle").atMost(PATIENCE).until(() -> {
            primary.execute("CHECKPOINT");
            return primary.query("SELECT invalidation_reason FROM pg_replication_slots WHERE slot_name = 'slow'")
                    .equals(Optional.of("idle_timeout"));
        });
        // To ask is to use it, for a moment.
        await("the relay finds the slot idle")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(4))
                .until(() -> Positions.ask(relay.port(), "START_REPLICATION SLOT slow " + begin + " TIMELINE 9")
                        .toString()
                        .contains("idle_timeout"));
        awaitRelay();

        // Then
        Lsn now = Positions.of(primary);
        String expected = afterwards(primary.port(), begin, now);
        assertThat(afterwards(relay.port(), begin, now))
                .isEqualTo(expected)
                .contains("55000", "can no longer access replication slot", "idle_timeout");
    }

    private static RawReplicationClient streaming(int port, Lsn begin) throws IOException {
        RawReplicationClient client = RawReplicationClient.connect(port).logIn();
        client.ask("CREATE_REPLICATION_SLOT slow PHYSICAL");
        client.query("START_REPLICATION SLOT slow " + begin).untilCopyBoth();
        status(client, begin);
        return client;
    }

    private static void awaitLost(int port) {
        await("the slot is lost")
                .atMost(PATIENCE)
                .until(() ->
                        Positions.ask(port, "READ_REPLICATION_SLOT slow").contains("DataRow 'physical', NULL, NULL"));
    }

    /** The WAL it needed, WAL that is there, what it says then, and its end. */
    private static String afterwards(int port, Lsn begin, Lsn now) throws IOException {
        try (RawReplicationClient client = RawReplicationClient.connect(port).logIn()) {
            client.ask("READ_REPLICATION_SLOT slow");
            client.query("START_REPLICATION SLOT slow " + new Lsn(begin.value() & -SEGMENT))
                    .untilReady();
            try (RawReplicationClient again = client.another()) {
                again.query("START_REPLICATION SLOT slow " + now).untilCopyBoth();
                if (again.transcript().lines().getLast().startsWith("CopyBoth")) {
                    status(again, now);
                    again.message('c').untilReady();
                }
                again.ask("READ_REPLICATION_SLOT slow").ask("DROP_REPLICATION_SLOT slow");
                return withoutWal(again.transcript());
            }
        }
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void temporarySlotGoesAsThePrimarysWithItsSessionAndWithAnError(int major) throws Exception {
        // Given
        start(major);

        // When
        String expected = temporary(primary.port());

        // Then
        assertThat(temporary(relay.port())).isEqualTo(expected).contains("55006", "fleeting");
    }

    private static String temporary(int port) throws IOException {
        Transcript transcript;
        try (RawReplicationClient owner = RawReplicationClient.connect(port).logIn()) {
            transcript = owner.transcript();
            owner.ask("CREATE_REPLICATION_SLOT fleeting TEMPORARY PHYSICAL RESERVE_WAL");
            try (RawReplicationClient other = owner.another()) {
                other.ask("START_REPLICATION SLOT fleeting 0/100000").ask("DROP_REPLICATION_SLOT fleeting");
                owner.ask("READ_REPLICATION_SLOT absent")
                        .ask("DROP_REPLICATION_SLOT absent")
                        .ask("DROP_REPLICATION_SLOT fleeting")
                        .ask("CREATE_REPLICATION_SLOT fleeting TEMPORARY PHYSICAL");
            }
        }
        await("the slot goes with its session")
                .atMost(PATIENCE)
                .until(() -> !Positions.ask(port, "READ_REPLICATION_SLOT fleeting")
                        .contains("DataRow 'physical', NULL, NULL"));
        // The reserved position is the checkpoint's, which another test compares; the PIDs are blanked.
        return transcript.toString();
    }

    private static String withoutWal(Transcript transcript) {
        return String.join(
                "\n",
                transcript.lines().stream()
                        .filter(line -> !line.startsWith("XLogData"))
                        .toList());
    }

    private static void status(RawReplicationClient client, Lsn flushed) throws IOException {
        client.message(
                'd',
                ByteBuffer.allocate(34)
                        .put((byte) 'r')
                        .putLong(flushed.value())
                        .putLong(flushed.value())
                        .putLong(0)
                        .putLong(0)
                        .put((byte) 0)
                        .array());
    }

    private void awaitRelay() throws SQLException {
        Lsn end = Positions.of(primary);
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(end));
    }
}
