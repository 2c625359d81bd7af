package io.walrelay.proxy.wal;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.replication.wal.WalFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WalRecoveryTest {
    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final WalBuilder wal = SampleCluster.wal();

    @BeforeEach
    void makeDirectory() throws IOException {
        Files.createDirectory(directory.resolve("pg_wal"));
    }

    private static String name(TimelineId timeline, int index, boolean partial) {
        WalFileName name = new WalFileName(timeline, WalBuilder.SEGMENT.segmentNumber(START) + index);
        return name.format(WalBuilder.SEGMENT) + (partial ? ".partial" : "");
    }

    private Path path(TimelineId timeline, int index, boolean partial) {
        return directory.resolve("pg_wal").resolve(name(timeline, index, partial));
    }

    /** Stores a segment of {@code bytes}, counted from {@link SampleCluster#START}; zeros behind them. */
    private void store(TimelineId timeline, byte[] bytes, int index, boolean partial) throws IOException {
        byte[] all = Arrays.copyOf(bytes, Math.max(bytes.length, (index + 1) * SEGMENT));
        Files.write(path(timeline, index, partial), Arrays.copyOfRange(all, index * SEGMENT, (index + 1) * SEGMENT));
    }

    private Optional<Lsn> recovered(TimelineId timeline) throws IOException {
        Optional<WalStore> store =
                SampleCluster.opener(storage, directory, true).recover(SampleCluster.control(timeline));
        store.ifPresent(WalStore::close);
        store.ifPresent(opened ->
                assertThat(opened.end().flushed()).isEqualTo(opened.end().written()));
        return store.map(opened -> opened.end().written());
    }

    @Test
    void nothingIsThereInANewDirectory() throws Exception {
        assertThat(recovered(FIRST)).isEmpty();
    }

    @Test
    void receivingGoesOnBehindTheLastSegmentWhenAllAreComplete() throws Exception {
        // Given
        wal.record(5000);
        wal.switchSegment();
        wal.record(100);
        wal.switchSegment();
        store(FIRST, wal.bytes(), 0, false);
        store(FIRST, wal.bytes(), 1, false);

        // When, Then
        assertThat(recovered(FIRST)).contains(START.plus(2L * SEGMENT));
    }

    @Test
    void receivingGoesOnBehindACompleteSegmentWhoseLastRecordGoesOnBehindIt() throws Exception {
        // Given
        wal.record(SEGMENT - 20_000);
        wal.record(100_000);
        store(FIRST, wal.bytes(), 0, false);

        // When, Then
        assertThat(recovered(FIRST)).contains(START.plus(SEGMENT));
    }

    @Test
    void aRecordThatACrashCutOffIsReceivedAgain() throws Exception {
        // Given
        wal.record(5000);
        Lsn end = wal.partOfRecord(9000, 8500);
        store(FIRST, wal.bytes(), 0, true);

        // When
        Optional<Lsn> resume = recovered(FIRST);

        // Then
        assertThat(resume).contains(end);
        byte[] left = Files.readAllBytes(path(FIRST, 0, true));
        int valid = (int) end.minus(START);
        assertThat(left).hasSize(SEGMENT);
        assertThat(Arrays.copyOf(left, valid)).isEqualTo(Arrays.copyOf(wal.bytes(), valid));
        assertThat(Arrays.copyOfRange(left, valid, SEGMENT)).containsOnly(0);
    }

    @Test
    void aSegmentIsReceivedAgainWhenItBeginsInARecordThatIsCutOff() throws Exception {
        // Given
        wal.record(SEGMENT - 20_000);
        wal.partOfRecord(100_000, 50_000);
        store(FIRST, wal.bytes(), 0, false);
        store(FIRST, wal.bytes(), 1, true);

        // When, Then
        assertThat(recovered(FIRST)).contains(START.plus(SEGMENT));
        assertThat(Files.readAllBytes(path(FIRST, 1, true))).containsOnly(0);
    }

    @Test
    void aRecordAcrossSeveralSegmentsIsFollowed() throws Exception {
        // Given
        wal.record(SEGMENT - 20_000);
        wal.record(2 * SEGMENT);
        wal.record(700);
        for (int i = 0; i < 3; i++) {
            store(FIRST, wal.bytes(), i, i == 2);
        }

        // When, Then
        assertThat(recovered(FIRST)).contains(wal.lsn());
    }

    @Test
    void noMoreIsReadThanTheSegmentInWhichTheNewestOnesFirstRecordBegan() throws Exception {
        // Given: as on a real server, each segment begins in the midst of a record
        for (int i = 0; i < 4; i++) {
            wal.record(SEGMENT - 20_000);
        }
        byte[] bytes = wal.bytes();
        bytes[SEGMENT / 2] ^= 1;
        for (int i = 0; i < 4; i++) {
            store(FIRST, bytes, i, i == 3);
        }

        // When, Then: the damage of the oldest is not come across
        assertThat(recovered(FIRST)).contains(wal.lsn());
    }

    @Test
    void whatIsBehindTheEndOfWalIsCleared() throws Exception {
        // Given
        wal.record(5000);
        byte[] garbage = Arrays.copyOf(wal.bytes(), SEGMENT);
        Arrays.fill(garbage, wal.size(), SEGMENT, (byte) 0x5A);
        store(FIRST, garbage, 0, true);

        // When, Then
        assertThat(recovered(FIRST)).contains(wal.lsn());
        assertThat(Files.readAllBytes(path(FIRST, 0, true))).isEqualTo(wal.zeroed());
        assertThat(storage.operations()).contains("sync " + name(FIRST, 0, true));
    }

    @Test
    void receivingGoesOnBehindADamagedCompleteSegment() throws Exception {
        // Given
        wal.record(5000);
        wal.record(5000);
        wal.switchSegment();
        byte[] damaged = wal.bytes();
        damaged[7000] ^= 1;
        store(FIRST, damaged, 0, false);

        // When, Then
        assertThat(recovered(FIRST)).contains(START.plus(SEGMENT));
        assertThat(Files.readAllBytes(path(FIRST, 0, false))).isEqualTo(Arrays.copyOf(damaged, SEGMENT));
    }

    @Test
    void whatIsBehindADamagedCompleteSegmentIsKeptAlsoWhenItBeginsInARecord() throws Exception {
        // Given
        wal.record(SEGMENT - 20_000);
        wal.record(100_000);
        wal.record(100);
        byte[] damaged = wal.bytes();
        damaged[7000] ^= 1;
        store(FIRST, damaged, 0, false);
        store(FIRST, damaged, 1, true);

        // When, Then
        assertThat(recovered(FIRST)).contains(wal.lsn());
    }

    @Test
    void acknowledgedWalThatHasRottedIsReceivedAgainAndACopyOfItKept() throws Exception {
        // Given
        wal.record(5000);
        Lsn valid = wal.lsn();
        wal.record(5000);
        new Acknowledged(FIRST, wal.lsn()).write(storage, directory);
        byte[] damaged = wal.zeroed();
        damaged[7000] ^= 1;
        store(FIRST, damaged, 0, true);

        // When, Then
        assertThat(recovered(FIRST)).contains(valid);
        assertThat(Files.readAllBytes(directory.resolve("pg_wal").resolve(name(FIRST, 0, false) + ".damaged")))
                .isEqualTo(damaged);
    }

    @Test
    void noCopyIsKeptOfARecordThatACrashCutOff() throws Exception {
        // Given
        wal.record(5000);
        new Acknowledged(FIRST, wal.lsn()).write(storage, directory);
        wal.partOfRecord(9000, 8500);
        store(FIRST, wal.bytes(), 0, true);

        // When
        recovered(FIRST);

        // Then
        assertThat(storage.list(directory.resolve("pg_wal"))).containsExactly(name(FIRST, 0, true));
    }

    @Test
    void whatWasAcknowledgedOnAnotherTimelineOrCannotBeReadIsNotLookedFor() throws Exception {
        // Given
        new Acknowledged(SECOND, START.plus(500)).write(storage, directory);

        // When, Then
        assertThat(Acknowledged.read(storage, directory, SECOND)).contains(START.plus(500));
        assertThat(Acknowledged.read(storage, directory, FIRST)).isEmpty();
        Path file = directory.resolve(Acknowledged.NAME);
        byte[] bytes = Files.readAllBytes(file);
        bytes[10] ^= 1;
        Files.write(file, bytes);
        assertThat(Acknowledged.read(storage, directory, SECOND)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"status walrelay.acknowledged", "read walrelay.acknowledged"})
    void noStoreIsOpenedWhileWhatWasAcknowledgedCannotBeRead(String operation) throws Exception {
        // Given
        wal.record(5000);
        Lsn valid = wal.lsn();
        wal.record(5000);
        new Acknowledged(FIRST, wal.lsn()).write(storage, directory);
        byte[] damaged = wal.zeroed();
        damaged[7000] ^= 1;
        store(FIRST, damaged, 0, true);
        storage.fail(operation, "Input/output error");

        // When, Then: what has rotted is not cleared as if a crash had cut it off
        assertThatThrownBy(() -> recovered(FIRST)).isInstanceOf(IOException.class);
        assertThat(Files.readAllBytes(path(FIRST, 0, true))).isEqualTo(damaged);
        storage.repair();
        assertThat(recovered(FIRST)).contains(valid);
    }

    @Test
    void noStoreIsOpenedWhileTheBeginningOfASegmentCannotBeRead() throws Exception {
        // Given: the record that the newest segment begins with is damaged where it began
        wal.record(SEGMENT - 20_000);
        wal.record(100_000);
        byte[] damaged = wal.zeroed();
        damaged[SEGMENT - 10_000] ^= 1;
        store(FIRST, damaged, 0, false);
        store(FIRST, damaged, 1, true);
        AtomicInteger reads = new AtomicInteger();
        storage.before(operation -> {
            if (operation.equals("read " + name(FIRST, 1, true)) && reads.incrementAndGet() == 1) {
                throw new IOException("Input/output error");
            }
        });

        // When, Then: a rest that cannot be read is not none
        assertThatThrownBy(() -> recovered(FIRST))
                .isInstanceOf(IOException.class)
                .hasMessage("Input/output error");
    }

    @Test
    void aSegmentThatWasFullWhenTheProgramDiedIsFlushedAndCompleted() throws Exception {
        // Given: killed before the flusher had come to the full segment
        wal.record(SEGMENT - 20_000);
        wal.record(100_000);
        wal.record(100);
        store(FIRST, wal.bytes(), 0, true);
        store(FIRST, wal.bytes(), 1, true);

        // When
        Optional<Lsn> resume = recovered(FIRST);

        // Then
        assertThat(resume).contains(wal.lsn());
        assertThat(storage.list(directory.resolve("pg_wal")))
                .containsExactly(name(FIRST, 0, false), name(FIRST, 1, true));
        assertThat(storage.operations())
                .containsSubsequence(
                        "sync " + name(FIRST, 0, true),
                        "rename " + name(FIRST, 0, true) + " to " + name(FIRST, 0, false),
                        "sync directory pg_wal");
    }

    @Test
    void receivingGoesOnInAFullSegmentThatAPowerLossTore() throws Exception {
        // Given: the next segment reached the disk, the end of this one did not
        wal.record(5000);
        Lsn torn = wal.record(SEGMENT - 20_000);
        wal.record(100_000);
        byte[] left = wal.bytes();
        Arrays.fill(left, SEGMENT / 2, SEGMENT, (byte) 0);
        store(FIRST, left, 0, true);
        store(FIRST, left, 1, true);

        // When
        Optional<Lsn> resume = recovered(FIRST);

        // Then
        assertThat(resume).contains(torn);
        assertThat(storage.list(directory.resolve("pg_wal"))).contains(name(FIRST, 0, true));
        assertThat(path(FIRST, 1, true))
                .satisfiesAnyOf(
                        path -> assertThat(path).doesNotExist(),
                        path -> assertThat(Files.readAllBytes(path)).containsOnly(0));
    }

    @Test
    void aPartialSegmentsNameIsMadeDurableBeforeItCounts() throws Exception {
        // Given
        wal.record(5000);
        store(FIRST, wal.bytes(), 0, true);

        // When
        recovered(FIRST);

        // Then
        assertThat(storage.operations()).containsSubsequence("sync " + name(FIRST, 0, true), "sync directory pg_wal");
    }

    @Test
    void aTimelineThatWasSwitchedToAtASegmentsStartBeginsThere() throws Exception {
        // Given
        wal.record(5000);
        wal.switchSegment();
        store(FIRST, wal.bytes(), 0, false);
        keep(SampleCluster.history(SECOND, "1\t" + START.plus(SEGMENT) + "\tx"));

        // When, Then
        assertThat(recovered(SECOND)).contains(START.plus(SEGMENT));
    }

    private void keep(TimelineHistory history) throws IOException {
        Files.write(directory.resolve("pg_wal").resolve(WalFileName.history(history.timeline())), history.file());
    }

    @Test
    void aNewTimelinesSegmentMayBeginWithPagesOfTheOldOne() throws Exception {
        // Given
        wal.record(5000);
        wal.record(5000);
        Lsn switchPoint = wal.lsn();
        store(FIRST, wal.bytes(), 0, true);
        wal.timeline(2).record(20_000);
        store(SECOND, wal.bytes(), 0, true);
        keep(SampleCluster.history(SECOND, "1\t" + switchPoint + "\tx"));

        // When, Then
        assertThat(recovered(SECOND)).contains(wal.lsn());
        assertThat(Files.readAllBytes(path(FIRST, 0, true)))
                .as("the old timeline's file is left alone")
                .isEqualTo(Arrays.copyOf(Arrays.copyOf(wal.bytes(), (int) switchPoint.minus(START)), SEGMENT));
    }

    @Test
    void aTimelineThatHasNoRecordsYetGoesOnAtItsSwitchPoint() throws Exception {
        // Given
        wal.record(5000);
        Lsn switchPoint = wal.lsn();
        store(FIRST, wal.bytes(), 0, true);
        store(SECOND, wal.bytes(), 0, true);
        keep(SampleCluster.history(SECOND, "1\t" + switchPoint + "\tx"));

        // When, Then
        assertThat(recovered(SECOND)).contains(switchPoint);
    }

    @Test
    void aRecordThatBeganOnTheParentIsReadAlongTheHistory() throws Exception {
        // Given: it is longer than a segment, and ends right before the fork
        wal.record(3000);
        wal.record(SEGMENT + 20_000);
        Lsn fork = wal.lsn();
        byte[] parent = wal.bytes();
        wal.timeline(SECOND.value());
        wal.record(500);
        keep(SampleCluster.history(SECOND, "1\t" + fork + "\tpromoted"));
        store(FIRST, parent, 0, false);
        store(FIRST, parent, 1, true);
        store(SECOND, wal.bytes(), 1, true);

        // When, Then
        assertThat(recovered(SECOND)).contains(wal.lsn());
    }

    @Test
    void aDamagedPartOfARecordOnTheParentIsFoundFromTheNewTimeline() throws Exception {
        // Given
        wal.record(3000);
        wal.record(SEGMENT + 20_000);
        Lsn fork = wal.lsn();
        byte[] parent = wal.bytes();
        wal.timeline(SECOND.value());
        wal.record(500);
        keep(SampleCluster.history(SECOND, "1\t" + fork + "\tpromoted"));
        parent[100_000] ^= 1;
        store(FIRST, parent, 0, false);
        store(SECOND, wal.bytes(), 1, true);

        // When, Then: without the parent's part, nobody would know
        assertThat(recovered(SECOND)).contains(START.plus(SEGMENT));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 8192, 30_000})
    void aHalfCreatedSegmentIsMadeWhole(int length) throws Exception {
        // Given
        wal.record(3000);
        wal.switchSegment();
        store(FIRST, wal.bytes(), 0, false);
        Files.write(path(FIRST, 1, true), new byte[length]);

        // When, Then
        assertThat(recovered(FIRST)).contains(START.plus(SEGMENT));
        assertThat(Files.readAllBytes(path(FIRST, 1, true))).isEqualTo(new byte[SEGMENT]);
    }

    @Test
    void aSegmentThatIsCutShortEndsWhereItsLastWholeRecordDoes() throws Exception {
        // Given
        wal.record(3000);
        Lsn end = wal.lsn();
        wal.record(30_000);
        Files.write(path(FIRST, 0, true), Arrays.copyOf(wal.bytes(), 20_000));

        // When, Then
        assertThat(recovered(FIRST)).contains(end);
        assertThat(path(FIRST, 0, true)).hasSize(SEGMENT);
    }

    @Test
    void oldPagesOfARecycledSegmentAreNotTakenForWalAndDoNotStay() throws Exception {
        // Given: a record goes on at the page's end, and an old page of a later address follows
        wal.record(3000);
        Lsn end = wal.lsn();
        byte[] valid = wal.bytes();
        wal.partOfRecord(20_000, WalFormat.PAGE_SIZE - valid.length);
        WalBuilder before = SampleCluster.wal();
        before.record(SEGMENT - 20_000);
        byte[] old = before.bytes();
        byte[] segment = Arrays.copyOf(wal.bytes(), SEGMENT);
        int from = 2 * WalFormat.PAGE_SIZE;
        System.arraycopy(old, from, segment, WalFormat.PAGE_SIZE, old.length - from);
        Files.write(path(FIRST, 0, true), segment);

        // When, Then
        assertThat(recovered(FIRST)).contains(end);
        assertThat(Files.readAllBytes(path(FIRST, 0, true))).isEqualTo(Arrays.copyOf(valid, SEGMENT));
    }

    @Test
    void aPartialSegmentBehindAGapIsPutAsideWhenItHoldsWal() throws Exception {
        // Given: the second segment is gone
        wal.record(3000);
        wal.switchSegment();
        wal.record(3000);
        wal.switchSegment();
        wal.record(3000);
        store(FIRST, wal.bytes(), 0, false);
        store(FIRST, wal.bytes(), 2, true);
        byte[] behind = Files.readAllBytes(path(FIRST, 2, true));

        // When, Then
        assertThat(recovered(FIRST)).contains(START.plus(SEGMENT));
        assertThat(path(FIRST, 2, true)).doesNotExist();
        assertThat(Files.readAllBytes(directory.resolve("pg_wal").resolve(name(FIRST, 2, true) + ".aside")))
                .isEqualTo(behind);
    }

    @Test
    void anEmptyPartialSegmentBehindAGapIsRemoved() throws Exception {
        // Given: a crash has lost the name of the one before it
        wal.record(3000);
        wal.switchSegment();
        store(FIRST, wal.bytes(), 0, false);
        Files.write(path(FIRST, 2, true), new byte[SEGMENT]);

        // When, Then
        assertThat(recovered(FIRST)).contains(START.plus(SEGMENT));
        assertThat(storage.list(directory.resolve("pg_wal"))).containsExactly(name(FIRST, 0, false));
    }

    @Test
    void aRecordThatWasGivenUpAndWrittenOverIsPassed() throws Exception {
        // Given
        wal.record(3000);
        wal.partOfRecord(20_000, 9000);
        wal.overwriteContrecord();
        wal.record(300);
        store(FIRST, wal.bytes(), 0, true);

        // When, Then
        assertThat(recovered(FIRST)).contains(wal.lsn());
    }

    @Test
    void aSegmentThatWasSwitchedAwayFromIsWholeAndIsCompleted() throws Exception {
        // Given
        wal.record(3000);
        wal.switchSegment();
        store(FIRST, wal.bytes(), 0, true);

        // When, Then
        assertThat(recovered(FIRST)).contains(START.plus(SEGMENT));
        assertThat(path(FIRST, 0, false)).isRegularFile();
    }

    @Test
    void aTimelineWithoutItsHistoryIsAnError() throws Exception {
        // Given
        store(SECOND, wal.bytes(), 0, true);

        // When, Then
        assertThatThrownBy(() -> recovered(SECOND)).isInstanceOf(IOException.class);
    }
}
