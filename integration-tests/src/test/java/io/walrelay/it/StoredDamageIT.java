package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.BitFlip;
import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RawReplicationClient;
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
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bits of WAL are flipped on the relay's disk, and {@code pg_receivewal} asks for all that is there. */
class StoredDamageIT {
    private static final int MAJOR = 15;
    private static final int SEGMENT = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before each test
    private ServeProcess relay;

    @SuppressWarnings("NullAway.Init") // before each test
    private ClientTools tools;

    @BeforeEach
    void start() throws IOException, SQLException {
        tools = ClientTools.require(MAJOR);
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of("wal_keep_size", "1GB"), "--wal-segsize=1");
        Rows.createTable(primary);
        relay = Relays.process(
                clusters, primary.conninfo(), Map.of("primary_slot_name", "relay", "wal_keep_size", "1GB"));
        await("the relay knows its cluster")
                .atMost(PATIENCE)
                .until(() -> Positions.of(relay).isValid());
        Rows.insert(primary, 10_000);
        awaitRelay();
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    private void awaitRelay() throws SQLException {
        Lsn end = Positions.of(primary);
        await("the relay acknowledges the WAL up to " + end)
                .atMost(PATIENCE)
                .until(() -> primary.query("SELECT bool_or(flush_lsn >= '" + end + "') FROM pg_stat_replication")
                        .orElse("")
                        .equals("t"));
    }

    private Path relayWal() {
        return relay.dataDirectory().resolve("pg_wal");
    }

    private Path primaryWal() {
        return primary.data().resolve("pg_wal");
    }

    private List<String> stored() throws IOException {
        return SegmentFiles.names(relayWal());
    }

    /** A directory from which pg_receivewal goes on behind the oldest segment that is there. */
    private WalDirectory archive(String name) throws IOException {
        WalDirectory archive = new WalDirectory(clusters.newDirectory(name));
        String oldest = stored().getFirst();
        Files.copy(primaryWal().resolve(oldest), archive.path().resolve(oldest));
        return archive;
    }

    /** Has pg_receivewal get all segments that are complete, and compares them with the primary's. */
    private void assertAllIsReceived(WalDirectory archive) throws Exception {
        String last = stored().getLast();
        Process receiver = tools.receiveWal(relay.port(), archive);
        try {
            await("pg_receivewal has " + last + "; it says " + archive.log() + "; the relay says " + relay.log())
                    .atMost(PATIENCE)
                    .until(() -> SegmentFiles.names(archive.path()).contains(last));
        } finally {
            ClientTools.interrupt(receiver);
            assertThat(receiver.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
        assertThat(SegmentFiles.assertSame(archive.path(), primaryWal())).isGreaterThanOrEqualTo(stored().size() - 1);
    }

    @Test
    void damageOfAnyKindThatHappensWhileTheRelayIsDownIsMendedAndNeverServed() throws Exception {
        // Given
        relay.stop();
        List<String> segments = stored();
        assertThat(segments).hasSizeGreaterThan(6);
        String older = segments.get(2);
        String newest = segments.getLast();
        Lsn end = Positions.of(primary);
        Path partial = relayWal().resolve(String.format("0000000100000000%08X.partial", end.value() / SEGMENT));
        BitFlip.in(relayWal().resolve(older), SEGMENT / 2);
        BitFlip.in(relayWal().resolve(newest), SEGMENT / 3);
        BitFlip.in(partial, (int) (end.value() % SEGMENT) / 4);

        // When
        relay.start();

        // Then
        Rows.insert(primary, 3000);
        awaitRelay();
        assertAllIsReceived(archive("archive"));
        await("all is mended").atMost(PATIENCE).untilAsserted(() -> SegmentFiles.assertSame(relayWal(), primaryWal()));
        assertThat(relay.log())
                .contains("WAL that was received and flushed is damaged: incorrect resource manager data checksum in"
                        + " record at 0/")
                .contains("WAL that was acknowledged up to 0/");
        for (String file : List.of(older, newest)) {
            assertThat(relay.log())
                    .containsPattern("invalid WAL in file .*\"pg_wal/" + file
                            + "\".* at 0/[0-9A-F]+: incorrect resource manager data checksum in record at 0/")
                    .contains("WAL file \"pg_wal/" + file + "\" was fetched again from the upstream");
        }
    }

    @Test
    void damageOfAnOlderSegmentThatHappensWhileTheRelayRunsIsMendedAndNeverServed() throws Exception {
        // Given
        relay.stop();
        relay.start();
        String older = stored().get(2);

        // When
        BitFlip.in(relayWal().resolve(older), SEGMENT / 2);

        // Then
        assertAllIsReceived(archive("archive"));
        assertThat(Files.mismatch(relayWal().resolve(older), primaryWal().resolve(older)))
                .isEqualTo(-1);
        assertThat(relay.log()).contains("WAL file \"pg_wal/" + older + "\" was fetched again from the upstream");
    }

    @Test
    void damageThatHappensRightAfterASegmentWasCheckedAndServedIsServedToNobodyElse() throws Exception {
        // Given
        relay.stop();
        relay.start();
        assertAllIsReceived(archive("before"));
        String older = stored().get(2);

        // When
        BitFlip.in(relayWal().resolve(older), SEGMENT / 2);

        // Then
        assertAllIsReceived(archive("after"));
        assertThat(Files.mismatch(relayWal().resolve(older), primaryWal().resolve(older)))
                .isEqualTo(-1);
        assertThat(relay.log())
                .contains("WAL file \"pg_wal/" + older + "\" has changed since it was checked, it is checked again")
                .containsPattern("invalid WAL in file .*\"pg_wal/" + older + "\"")
                .contains("WAL file \"pg_wal/" + older + "\" was fetched again from the upstream");
    }

    @Test
    void aGoodFileThatTheOperatorPutsIntoThePlaceOfADamagedOneIsServed() throws Exception {
        // Given: the upstream has it no longer
        relay.stop();
        String older = stored().get(2);
        Path good = clusters.newDirectory("good").resolve(older);
        Files.copy(relayWal().resolve(older), good);
        BitFlip.in(relayWal().resolve(older), SEGMENT / 2);
        Path kept = clusters.newDirectory("kept").resolve(older);
        Files.move(primaryWal().resolve(older), kept);
        relay.start();
        await("the damage is found")
                .atMost(PATIENCE)
                .until(() -> relay.log().contains("could not fetch WAL file \"pg_wal/" + older + "\" again"));

        // When
        Files.move(good, relayWal().resolve(older), StandardCopyOption.REPLACE_EXISTING);

        // Then
        await("it is checked again")
                .atMost(PATIENCE)
                .until(() -> relay.log().contains("\"pg_wal/" + older + "\" has changed since it was checked"));
        Files.move(kept, primaryWal().resolve(older));
        assertAllIsReceived(archive("archive"));
        assertThat(relay.log()).doesNotContain("\"pg_wal/" + older + "\" was fetched again");
    }

    @Test
    void whatTheUpstreamHasNoLongerIsRefusedToWhoNeedsItUntilItCanBeHad() throws Exception {
        // Given
        relay.stop();
        String older = stored().get(2);
        BitFlip.in(relayWal().resolve(older), SEGMENT / 2);
        Path kept = clusters.newDirectory("kept").resolve(older);
        Files.move(primaryWal().resolve(older), kept);
        relay.start();
        awaitRelay();
        WalDirectory archive = archive("archive");
        try (RawReplicationClient other =
                RawReplicationClient.connect(relay.port()).logIn()) {
            other.query("START_REPLICATION " + Positions.of(relay) + " TIMELINE 1")
                    .untilCopyBoth();

            // When
            Process receiver = tools.receiveWal(relay.port(), archive);

            // Then
            assertThat(receiver.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(archive.log())
                    .contains("requested WAL segment " + older
                            + " is damaged: incorrect resource manager data checksum in record at 0/")
                    .contains("It could not be fetched again from the upstream: requested WAL segment " + older
                            + " has already been removed");
            assertThat(SegmentFiles.names(archive.path()))
                    .contains(stored().get(1))
                    .doesNotContain(older);
            SegmentFiles.assertSame(archive.path(), primaryWal());
            Rows.insert(primary, 100);
            other.untilWal(Positions.of(primary));
        }

        // And when the upstream has it again
        Files.move(kept, primaryWal().resolve(older));

        // Then
        await("it is mended")
                .atMost(PATIENCE)
                .until(() ->
                        relay.log().contains("WAL file \"pg_wal/" + older + "\" was fetched again from the upstream"));
        assertAllIsReceived(archive);
    }
}
