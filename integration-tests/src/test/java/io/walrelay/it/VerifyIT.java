package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Forwarder;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.PrimaryTest;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One bit of WAL is flipped on the way to the relay. */
class VerifyIT extends PrimaryTest {
    private static final int MAJOR = 16;
    private static final int SEGMENT = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MARKER = "a text that occurs in these rows alone";

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of("wal_keep_size", "1GB"), "--wal-segsize=1");
    }

    @Test
    void walIsRefetchedAndNeverServedWhenABitWasFlippedOnTheWay() throws Exception {
        // Given
        Forwarder network = clusters.closing(new Forwarder(primary.port()));
        ServeProcess relay = Relays.process(clusters, network.conninfo(), Map.of("primary_slot_name", "relay"));
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(Positions.of(primary)));
        Lsn begin = segmentStart(Positions.of(relay));
        try (RawReplicationClient downstream =
                RawReplicationClient.connect(relay.port()).logIn()) {
            downstream.query("START_REPLICATION " + begin + " TIMELINE 1").untilCopyBoth();

            // When
            for (int i = 0; i < 3; i++) {
                network.damageOnce(MARKER);
                primary.execute("INSERT INTO rows (content) SELECT '" + MARKER + "' FROM generate_series(1, 5000)");
                await("the bit is flipped").atMost(PATIENCE).until(network::hasDamaged);
                Lsn end = Positions.of(primary);

                // Then
                await("the relay acknowledges the WAL up to " + end)
                        .atMost(PATIENCE)
                        .until(() -> primary.query(
                                        "SELECT bool_or(flush_lsn >= '" + end + "') FROM pg_stat_replication")
                                .equals(Optional.of("t")));
            }
            Lsn end = Positions.of(primary);
            downstream.untilWal(end);
            assertThat(downstream.transcript().lines().getLast())
                    .startsWith("XLogData " + begin + " to ")
                    .contains(" CRC " + checksum(begin, streamedTo(downstream)));
            assertThat(downstream.transcript().toString()).doesNotContain("gap");
        }
        assertThat(SegmentFiles.assertSame(relay.dataDirectory().resolve("pg_wal"), primaryWal()))
                .isPositive();
        assertThat(relay.log().lines())
                .filteredOn(line -> line.contains("invalid WAL received from upstream server"))
                .hasSize(3)
                .allMatch(line -> line.matches(".* in record at [0-9A-F]+/[0-9A-F]+.*"));
    }

    private static Lsn streamedTo(RawReplicationClient client) {
        return Lsn.parse(client.transcript().lines().getLast().split(" ", -1)[3].replace(",", ""));
    }

    private String checksum(Lsn first, Lsn end) throws IOException {
        CRC32C crc = new CRC32C();
        for (long at = first.value(); at < end.value(); at += SEGMENT) {
            byte[] file = Files.readAllBytes(primaryWal().resolve(String.format("0000000100000000%08X", at / SEGMENT)));
            crc.update(file, 0, (int) Math.min(SEGMENT, end.value() - at));
        }
        return String.format("%08X", crc.getValue());
    }

    private Path primaryWal() {
        return primary.data().resolve("pg_wal");
    }

    private static Lsn segmentStart(Lsn position) {
        return new Lsn(position.value() & -SEGMENT);
    }
}
