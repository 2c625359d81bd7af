package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Dumps;
import io.walrelay.it.support.Load;
import io.walrelay.it.support.ProcessFigures;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.RelayTest;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.WalDirectory;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens when one of primary, relay and standby dies, stops, or stalls, while the others go on. */
class OutageIT extends RelayTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int SEGMENT = 1 << 20;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster standby;

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of("wal_keep_size", "2GB", "max_wal_size", "4GB"), "--wal-segsize=1");
        startRelay(Map.of("primary_slot_name", "relay"));
        standby = startStandby();
    }

    enum Victim {
        RELAY,
        STANDBY,
        PRIMARY
    }

    @ParameterizedTest(name = "kill -9 of the {0}")
    @EnumSource
    void standbyIsEqualWhenOneOfTheThreeWasKilledUnderPgbench(Victim victim) throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        tools.run(
                "pgbench", "-h", "127.0.0.1", "-p", port(primary), "-U", "postgres", "-i", "-q", "-s", "1", "postgres");
        Process before = pgbench(tools);
        awaitWal(2 * SEGMENT);

        // When
        switch (victim) {
            case RELAY -> {
                relay.kill();
                awaitWal(2 * SEGMENT);
                relay.start();
            }
            case STANDBY -> {
                standby.kill();
                awaitWal(2 * SEGMENT);
                standby.start();
            }
            case PRIMARY -> {
                primary.kill();
                primary.start();
            }
        }
        before.destroy();
        before.waitFor();
        Process after = pgbench(tools);
        awaitWal(2 * SEGMENT);
        after.destroy();
        after.waitFor();

        // Then
        awaitQuiet();
        Rows.awaitReplayed(primary, standby);
        assertThat(Dumps.of(tools, standby)).isEqualTo(Dumps.of(tools, primary));
        assertThat(compareSegments()).isGreaterThan(4);
    }

    @Test
    void noWalIsMissingWhenTheRelayIsStoppedAndStartedUnderLoad() throws Exception {
        // Given
        try (Load load = Load.on(primary)) {
            for (int i = 0; i < 3; i++) {
                load.awaitMore();

                // When
                relay.stop();
                load.awaitMore();
                relay.start();
            }
            load.awaitMore();
        }

        // Then
        Rows.assertEqual(primary, standby);
        assertThat(compareSegments()).isPositive();
        assertThat(Files.readString(standby.log()))
                .doesNotContain("incorrect resource manager", "incorrect prev-link", "terminating walreceiver");
        assertThat(relay.log()).doesNotContain("could not", "terminating");
    }

    @Test
    void everythingHeldIsServedWhileThePrimaryIsDown() throws Exception {
        // Given
        Rows.insert(primary, 5000);
        Rows.assertEqual(primary, standby);
        awaitFlushed();
        String receiver = receiver();
        String startup = startup();
        List<String> size = ask("SHOW wal_segment_size");
        Lsn first = first();

        // When
        primary.kill();

        // Then
        String identity = identity();
        Lsn end = position(identity);
        assertServed(first, end);
        assertThat(receiver()).as("the standby's walreceiver").isEqualTo(receiver);

        // And when it is started anew, with no server that could tell it anything
        relay.kill();
        relay.start();

        // Then
        assertThat(identity()).isEqualTo(identity);
        assertThat(startup()).isEqualTo(startup);
        assertThat(ask("SHOW wal_segment_size")).isEqualTo(size);
        assertServed(first, end);
        await().atMost(PATIENCE).until(() -> !receiver().isEmpty());
        String since = receiver();

        // And when the primary is back
        primary.start();
        Rows.insert(primary, 1000);

        // Then
        Rows.assertEqual(primary, standby);
        assertThat(receiver()).as("the standby's walreceiver").isEqualTo(since);
        assertThat(compareSegments()).isPositive();
    }

    @Test
    void pgReceivewalIsServedWhileThePrimaryIsDown() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        // What it has at first it is to have at last, however long this takes.
        relay.set("wal_keep_size", "1GB");
        relay.stop();
        relay.start();
        Rows.insert(primary, 5000);
        awaitFlushed();
        Lsn first = first();
        primary.kill();
        Lsn end = position(identity());
        WalDirectory directory = new WalDirectory(clusters.newDirectory("received"));
        // A directory that ends with the segment before is one that goes on with the first that the relay has.
        byte[] before = new byte[SEGMENT];
        Files.write(
                directory.path().resolve(String.format("0000000100000000%08X", first.value() / SEGMENT - 1)), before);

        // When
        Process receive = tools.receiveWal(relay.port(), directory, "--endpos=" + new Lsn(end.value() - 1));

        // Then
        assertThat(receive.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(receive.exitValue()).as(directory::log).isZero();
        for (String name : SegmentFiles.names(relayWal())) {
            assertThat(directory.content(name, SEGMENT))
                    .as(name)
                    .isEqualTo(Files.readAllBytes(relayWal().resolve(name)));
        }
    }

    @Test
    void healthyStandbyGetsEverythingBesideAClientThatDoesNotRead() throws Exception {
        // Given
        relay.set("wal_sender_timeout", "0");
        relay.stop();
        relay.start();
        Rows.insert(primary, 20_000);
        Rows.assertEqual(primary, standby);
        long memory = ProcessFigures.residentKilobytes(relay.pid());
        Lsn begin = position(identity());
        begin = new Lsn(begin.value() & -SEGMENT);
        try (RawReplicationClient stalled =
                RawReplicationClient.connect(relay.port()).logIn()) {
            stalled.query("START_REPLICATION " + begin + " TIMELINE 1").untilCopyBoth();

            // When
            for (int i = 0; i < 10; i++) {
                Rows.insert(primary, 20_000);
            }

            // Then
            Rows.assertEqual(primary, standby);
            long written = position(identity()).minus(begin);
            assertThat(written).as("bytes of WAL the client was owed").isGreaterThan(150L << 20);
            long grown = ProcessFigures.residentKilobytes(relay.pid()) - memory;
            System.out.printf(
                    "a client behind by %d MB cost the relay %d kB of resident memory%n", written >> 20, grown);
            assertThat(grown).as("kB of resident memory").isLessThan(64 * 1024);

            // And when it reads at last
            Lsn end = position(identity());
            stalled.untilWal(end);

            // Then
            assertThat(stalled.transcript().lines().getLast()).startsWith("XLogData " + begin + " to " + end);
            assertThat(String.join("\n", stalled.transcript().lines())).doesNotContain("gap", "closed");
        }
    }

    /** A new client gets all that the relay has, and it is what the primary's files hold. */
    private void assertServed(Lsn first, Lsn end) throws IOException {
        try (RawReplicationClient client =
                RawReplicationClient.connect(relay.port()).logIn()) {
            client.stream("START_REPLICATION " + first + " TIMELINE 1", end);
            assertThat(client.transcript().lines())
                    .filteredOn(line -> line.startsWith("XLogData"))
                    .containsExactly(String.format(
                            "XLogData %s to %s, end of WAL %s, CRC %08X", first, end, end, checksum(first, end)));
        }
    }

    private long checksum(Lsn first, Lsn end) throws IOException {
        CRC32C crc = new CRC32C();
        for (long at = first.value(); at < end.value(); at += SEGMENT) {
            byte[] file = Files.readAllBytes(
                    primary.data().resolve("pg_wal").resolve(String.format("0000000100000000%08X", at / SEGMENT)));
            crc.update(file, 0, (int) Math.min(SEGMENT, end.value() - at));
        }
        return crc.getValue();
    }

    private Process pgbench(ClientTools tools) throws IOException {
        return tools.start(
                relay.dataDirectory().resolveSibling("pgbench.log"),
                "pgbench",
                "-h",
                "127.0.0.1",
                "-p",
                port(primary),
                "-U",
                "postgres",
                "-n",
                "-c",
                "2",
                "-T",
                "60",
                "postgres");
    }

    private void awaitWal(long bytes) throws SQLException {
        Lsn enough = flushed().plus(bytes);
        await().atMost(PATIENCE).until(() -> !flushed().isBefore(enough));
    }

    /** No server process is left that serves pgbench: what it had begun is committed or not. */
    private void awaitQuiet() {
        await().atMost(PATIENCE)
                .until(() -> primary.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'")
                        .equals(Optional.of("0")));
    }

    private void awaitFlushed() throws SQLException {
        Lsn end = flushed();
        await().atMost(PATIENCE).until(() -> !position(identity()).isBefore(end));
    }

    private int compareSegments() throws IOException {
        return SegmentFiles.assertSame(relayWal(), primary.data().resolve("pg_wal"));
    }

    private Path relayWal() {
        return relay.dataDirectory().resolve("pg_wal");
    }

    private Lsn first() throws IOException {
        return new Lsn(Long.parseLong(SegmentFiles.names(relayWal()).getFirst().substring(16), 16) * SEGMENT);
    }

    private Lsn flushed() throws SQLException {
        return Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()").orElseThrow());
    }

    private String identity() throws IOException {
        return ask("IDENTIFY_SYSTEM").stream()
                .filter(line -> line.startsWith("DataRow"))
                .findFirst()
                .orElseThrow();
    }

    private static Lsn position(String identity) {
        return Lsn.parse(identity.split("'", -1)[5]);
    }

    private List<String> ask(String command) throws IOException {
        try (RawReplicationClient client =
                RawReplicationClient.connect(relay.port()).logIn()) {
            return client.answer(command);
        }
    }

    private String startup() throws IOException {
        try (RawReplicationClient client = RawReplicationClient.connect(relay.port())) {
            return client.startup("user", "postgres", "replication", "true")
                    .untilReady()
                    .transcript()
                    .toString();
        }
    }

    private String receiver() throws SQLException {
        return standby.query("SELECT pid::text FROM pg_stat_wal_receiver WHERE status = 'streaming'")
                .orElse("");
    }

    private static String port(PostgresCluster cluster) {
        return Integer.toString(cluster.port());
    }
}
