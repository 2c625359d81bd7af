package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.PrimaryTest;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.ServeProcess;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code pg_receivewal} and the relay take over the same directory of WAL from each other. */
class TakeOverIT extends PrimaryTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of("wal_keep_size", "1GB"), "--wal-segsize=1");
    }

    @Test
    void noWalIsMissingWhenPgReceivewalAndTheRelayTakeTurns() throws Exception {
        // Given: WAL that pg_receivewal has received, and a segment that it had not finished
        ClientTools tools = ClientTools.require(MAJOR);
        Path data = Files.createDirectory(clusters.newDirectory("shared").resolve("data"));
        WalDirectory wal = new WalDirectory(Files.createDirectory(data.resolve("pg_wal")));
        receive(tools, wal);
        List<String> received = SegmentFiles.names(wal.path());
        assertThat(received).hasSizeGreaterThan(2);
        assertThat(wal.names()).anyMatch(name -> name.endsWith(".partial"));
        Rows.insert(primary, 5000);

        // When the relay goes on with it
        ServeProcess relay = Relays.process(
                clusters, primary.conninfo(), Map.of("data_directory", data.toString(), "wal_keep_size", "1GB"));
        awaitRelay(relay);

        // Then it has all of it, and serves all of it
        assertComplete(wal, received.getFirst());
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();
        Rows.assertEqual(primary, standby);

        // And when pg_receivewal goes on with what the relay has left
        relay.stop();
        receive(tools, wal);

        // Then
        assertComplete(wal, received.getFirst());

        // And when it is the relay's turn again
        Rows.insert(primary, 5000);
        relay.start();
        awaitRelay(relay);

        // Then
        assertComplete(wal, received.getFirst());
        Rows.assertEqual(primary, standby);
    }

    /** Lets pg_receivewal receive some segments, to somewhere in the midst of one. */
    private void receive(ClientTools tools, WalDirectory wal) throws Exception {
        int before = wal.isEmpty() ? 0 : SegmentFiles.names(wal.path()).size();
        Process receiver = tools.receiveWal(primary.port(), wal);
        await("pg_receivewal has begun")
                .atMost(PATIENCE)
                .until(() -> primary.query(
                                "SELECT state FROM pg_stat_replication WHERE application_name = 'pg_receivewal'")
                        .isPresent());
        Rows.insert(primary, 5000);
        await("pg_receivewal has received segments")
                .atMost(PATIENCE)
                .until(() -> SegmentFiles.names(wal.path()).size() > before + 2);
        ClientTools.interrupt(receiver);
        assertThat(receiver.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(receiver.exitValue()).isZero();
    }

    private void awaitRelay(ServeProcess relay) throws SQLException {
        Lsn end = Positions.of(primary);
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(end));
    }

    /** Every segment from the first on, as the primary has it. */
    private void assertComplete(WalDirectory wal, String first) throws IOException {
        // The relay gives a segment its name when that is durable, which may be after it has sent it.
        await("at most one segment is unfinished")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(wal.names())
                        .filteredOn(name -> name.endsWith(".partial"))
                        .hasSizeLessThanOrEqualTo(1));
        int count = SegmentFiles.assertSame(wal.path(), primary.data().resolve("pg_wal"));
        List<String> names = SegmentFiles.names(wal.path());
        assertThat(names.getFirst()).isEqualTo(first);
        assertThat(number(names.getLast()) - number(first) + 1).isEqualTo(count);
    }

    private static long number(String segment) {
        return (Long.parseLong(segment.substring(8, 16), 16) << 12) + Long.parseLong(segment.substring(16), 16);
    }
}
