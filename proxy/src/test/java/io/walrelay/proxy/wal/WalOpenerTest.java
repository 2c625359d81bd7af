package io.walrelay.proxy.wal;

import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.error.PgException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Taking over what another program has received. */
final class WalOpenerTest {
    private static final TimelineId THIRD = TimelineId.of(3);

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final WalBuilder wal = SampleCluster.wal();

    @BeforeEach
    void receiveOnTheSecondTimeline() throws IOException {
        Files.createDirectory(directory.resolve("pg_wal"));
        wal.timeline(2);
        wal.record(500);
        WalFileName name = new WalFileName(SECOND, WalBuilder.SEGMENT.segmentNumber(START));
        Files.write(
                directory.resolve("pg_wal").resolve(name.format(WalBuilder.SEGMENT) + ".partial"),
                Arrays.copyOf(wal.bytes(), SEGMENT));
    }

    private void leave(TimelineHistory history) throws IOException {
        Files.write(directory.resolve("pg_wal").resolve(WalFileName.history(history.timeline())), history.file());
    }

    private Optional<Lsn> takenOver(TimelineHistory upstreams) throws IOException {
        Optional<WalStore> store = SampleCluster.opener(storage, directory, true)
                .takeOver(SampleCluster.control(upstreams.timeline()), upstreams);
        store.ifPresent(WalStore::close);
        return store.map(opened -> opened.end().written());
    }

    private static TimelineHistory second(Lsn switchPoint, String reason) {
        return SampleCluster.history(SECOND, "1\t" + switchPoint + "\t" + reason);
    }

    @Test
    void whatAnotherProgramHasReceivedIsGoneOnWithWhenItsHistoryIsTheUpstreams() throws Exception {
        // Given
        leave(second(START, "no recovery target specified"));

        // When, Then
        assertThat(takenOver(second(START, "said in other words"))).contains(wal.lsn());
        assertThat(ControlFile.read(storage, directory)).isPresent();
    }

    @Test
    void whatAnotherProgramHasReceivedIsRefusedWhenTheTimelineForkedOffElsewhere() throws Exception {
        // Given
        leave(second(START, "no recovery target specified"));
        byte[] kept = Files.readAllBytes(directory.resolve("pg_wal/00000002.history"));

        // When, Then
        assertThatThrownBy(() -> takenOver(second(START.plus(8), "no recovery target specified")))
                .isInstanceOfSatisfying(PgException.class, refused -> {
                    assertThat(refused.message())
                            .isEqualTo("requested timeline 2 is not a child of this server's history");
                    assertThat(refused.detail())
                            .contains("File \"00000002.history\" in pg_wal says [1 until " + START
                                    + "], the upstream server says [1 until " + START.plus(8) + "].");
                });
        assertThat(Files.readAllBytes(directory.resolve("pg_wal/00000002.history")))
                .isEqualTo(kept);
        assertThat(ControlFile.read(storage, directory)).isEmpty();
    }

    @Test
    void whatAnotherProgramHasReceivedOfAnotherClusterIsRefused() throws Exception {
        // Given
        WalOpener opener = SampleCluster.opener(storage, directory, true);
        ControlFile control = SampleCluster.control(SECOND);
        SystemIdentifier another =
                new SystemIdentifier(control.systemIdentifier().value() + 1);

        // When, Then
        assertThat(opener.newestStored(control.segmentSize(), control.systemIdentifier()))
                .contains(SECOND);
        assertThatThrownBy(() -> opener.newestStored(control.segmentSize(), another))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is from different database system");
    }

    @Test
    void theHistoryOfAnAncestorIsComparedToo() throws Exception {
        // Given
        leave(second(START, "promoted"));
        TimelineHistory upstreams = SampleCluster.history(
                THIRD, "1\t" + START.plus(-800) + "\tpromoted", "2\t" + START.plus(600) + "\tpromoted");

        // When, Then
        assertThatThrownBy(() -> takenOver(upstreams))
                .isInstanceOfSatisfying(
                        PgException.class,
                        refused -> assertThat(refused.detail())
                                .hasValueSatisfying(detail -> assertThat(detail)
                                        .startsWith(
                                                "File \"00000002.history\" in pg_wal says [1 until " + START + "]")));
    }

    @Test
    void nothingIsOpenedAndTheNextTryFindsAllWhenTheControlFileCannotBeWritten() throws Exception {
        // Given
        storage.fail("write walrelay.control");

        // When
        assertThatThrownBy(() -> takenOver(second(START, "promoted"))).isInstanceOf(IOException.class);
        storage.repair();

        // Then
        assertThat(ControlFile.read(storage, directory)).isEmpty();
        assertThat(takenOver(second(START, "promoted"))).contains(wal.lsn());
    }
}
