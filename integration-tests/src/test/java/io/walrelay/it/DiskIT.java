package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.SmallDisk;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk with no room for more WAL: the relay waits, acknowledges nothing that it has not, and goes on by itself. */
class DiskIT {
    private static final int MAJOR = 17;
    private static final int SEGMENT = 1 << 20;
    private static final int DISK = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @BeforeEach
    void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of("wal_keep_size", "2GB", "max_wal_size", "4GB"), "--wal-segsize=1");
        Rows.createTable(primary);
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    /** With 0 segments kept free, it is the file system that says no. */
    @ParameterizedTest(name = "replication_halt_segments = {0}")
    @CsvSource({"2", "0"})
    void receivingHaltsWhenTheDiskIsFullAndGoesOnWhenTheSlotIsDropped(String freeSegments) throws Exception {
        // Given
        SmallDisk disk = SmallDisk.mount(clusters, DISK);
        ServeProcess relay = relay(disk.directory().resolve("data"), Map.of("replication_halt_segments", freeSegments));

        // When
        Lsn halted = fill(relay);

        // Then
        assertHalted(relay, halted);

        // And when it is started anew on the full disk
        relay.kill();
        relay.start();

        // Then
        assertHalted(relay, halted);

        // And when
        assertThat(Positions.ask(relay.port(), "DROP_REPLICATION_SLOT dead"))
                .anyMatch(line -> line.startsWith("CommandComplete"));

        // Then
        assertGoesOn(relay);
    }

    @Test
    void receivingGoesOnWhenTheDiskIsFullAndSlotsMayBeInvalidated() throws Exception {
        // Given
        SmallDisk disk = SmallDisk.mount(clusters, DISK);
        ServeProcess relay = relay(disk.directory().resolve("data"), Map.of("wal_disk_action", "invalidate"));
        reserve(relay);

        // When
        Rows.insert(primary, 30_000);

        // Then
        assertGoesOn(relay);
        assertThat(relay.log()).contains("invalidating replication slot \"dead\"");
        assertThat(Positions.ask(relay.port(), "READ_REPLICATION_SLOT dead"))
                .contains("DataRow 'physical', NULL, NULL");
    }

    @Test
    void receivingHaltsAtTheLimitAndGoesOnWhenItIsRaised() throws Exception {
        // Given

        ServeProcess relay = relay(null, Map.of("wal_disk_limit", "16MB"));

        // When
        Lsn halted = fill(relay);

        // Then
        assertHalted(relay, halted);
        assertThat(relay.log()).contains("wal_disk_limit allows 16 MB");
        assertThat(SegmentFiles.names(wal(relay))).hasSizeLessThanOrEqualTo(16);

        // And when
        relay.set("wal_disk_limit", "1GB");
        relay.stop();
        relay.start();

        // Then
        assertGoesOn(relay);
        assertThat(Positions.ask(relay.port(), "READ_REPLICATION_SLOT dead"))
                .as("the slot was kept")
                .noneMatch(line -> line.contains("NULL"));
    }

    private ServeProcess relay(@Nullable Path data, Map<String, String> settings) throws IOException {
        Map<String, String> all = new HashMap<>(settings);
        all.put("primary_slot_name", "relay");
        all.put("log_min_messages", "info");
        if (data != null) {
            all.put("data_directory", data.toString());
        }
        return Relays.process(clusters, primary.conninfo(), all);
    }

    /** A slot whose client never comes. */
    private static void reserve(ServeProcess relay) throws IOException {
        assertThat(Positions.ask(relay.port(), "CREATE_REPLICATION_SLOT dead PHYSICAL RESERVE_WAL"))
                .anyMatch(line -> line.startsWith("DataRow"));
    }

    /** More WAL than there is room for; where the relay stops. */
    private Lsn fill(ServeProcess relay) throws Exception {
        reserve(relay);
        Rows.insert(primary, 30_000);
        assertThat(Positions.of(primary).value()).isGreaterThan((DISK + 8L) * SEGMENT);
        await("the relay has no room")
                .atMost(PATIENCE)
                .until(() -> relay.log().contains("receiving of WAL is halted")
                        || relay.log().contains("No space left on device"));
        return Positions.of(relay);
    }

    private void assertHalted(ServeProcess relay, Lsn halted) throws Exception {
        assertThat(halted).isLessThan(Positions.of(primary));
        // The primary keeps all that the relay has not acknowledged.
        assertThat(slot()).isLessThanOrEqualTo(halted);
        assertThat(ProcessHandle.of(relay.pid()).map(ProcessHandle::isAlive)).contains(true);
        // A client gets all that is here, more than once.
        Lsn first =
                new Lsn(Long.parseLong(SegmentFiles.names(wal(relay)).getFirst().substring(16), 16) * SEGMENT);
        try (RawReplicationClient client =
                RawReplicationClient.connect(relay.port()).logIn()) {
            client.stream("START_REPLICATION " + first + " TIMELINE 1", halted);
            assertThat(client.transcript().toString()).contains("XLogData " + first + " to " + halted);
        }
        assertThat(Positions.of(relay)).isEqualTo(halted);
        assertThat(SegmentFiles.assertSame(wal(relay), primary.data().resolve("pg_wal")))
                .isGreaterThan(8);
    }

    private void assertGoesOn(ServeProcess relay) throws Exception {
        Rows.insert(primary, 1000);
        Lsn end = Positions.of(primary);
        await("the relay goes on to " + end)
                .atMost(PATIENCE)
                .until(() -> !Positions.of(relay).isBefore(end) && !slot().isBefore(end));
        assertThat(SegmentFiles.assertSame(wal(relay), primary.data().resolve("pg_wal")))
                .isPositive();
    }

    private Lsn slot() throws SQLException {
        Optional<String> restart = primary.query("SELECT restart_lsn FROM pg_replication_slots");
        return Lsn.parse(restart.orElseThrow());
    }

    private static Path wal(ServeProcess relay) {
        return relay.dataDirectory().resolve("pg_wal");
    }
}
