package io.walrelay.proxy.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.wal.DiskGuard.Limits;
import io.walrelay.proxy.wal.WalDirectory.StoredSegment;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpareSegmentsTest {
    private static final WalSegmentSize SIZE = WalSegmentSize.parse("1MB");
    private static final WalFileName NEXT = name(0x100);

    @TempDir
    private Path path;

    private final WatchedStorage storage = new WatchedStorage();
    private WalDirectory directory = new WalDirectory(storage, Path.of(""), SIZE);
    private Limits limits = Limits.NONE;

    @BeforeEach
    void open() {
        directory = new WalDirectory(storage, path, SIZE);
    }

    private static WalFileName name(long number) {
        return new WalFileName(TimelineId.FIRST, number);
    }

    private static byte[] oldPages() {
        byte[] bytes = new byte[SIZE.bytes()];
        Arrays.fill(bytes, (byte) 0xD1);
        return bytes;
    }

    private void remove(long number) throws IOException {
        Files.write(path.resolve(name(number).format(SIZE)), oldPages());
        directory.recycle(new StoredSegment(name(number), true));
    }

    private void prepare() throws IOException {
        directory.spares().prepare(new DiskGuard(storage, path, SIZE, () -> limits));
    }

    private List<String> spares() throws IOException {
        return storage.list(path).stream().filter(SpareSegments::isSpare).toList();
    }

    @Test
    void aRemovedSegmentBecomesTheNextOneWithoutAWriteOnTheWritersThread() throws Exception {
        // Given
        remove(7);
        prepare();
        storage.forget();

        // When
        directory.createPartial(NEXT).release();

        // Then
        assertThat(storage.operations()).containsExactly("rename xlogtemp.spare.1 to 000000010000000000000100.partial");
        assertThat(Files.readAllBytes(path.resolve("000000010000000000000100.partial")))
                .as("no page of the old segment is left behind the end")
                .isEqualTo(new byte[SIZE.bytes()]);
        assertThat(path.resolve(name(7).format(SIZE))).doesNotExist();
    }

    @Test
    void theOldNameIsGoneDurablyBeforeItsBytesAreAndZerosAreDurableBeforeTheyGetAName() throws Exception {
        // When
        remove(7);
        prepare();
        directory.createPartial(NEXT).release();

        // Then
        assertThat(storage.operations())
                .containsSubsequence(
                        "rename 000000010000000000000007 to xlogtemp.spare.1",
                        "sync directory " + path.getFileName(),
                        "write xlogtemp.spare.1",
                        "sync xlogtemp.spare.1",
                        "rename xlogtemp.spare.1 to 000000010000000000000100.partial");
    }

    @Test
    void aSegmentThatIsStillBeingReadIsNotWrittenOver() throws Exception {
        // Given
        Files.write(path.resolve(name(7).format(SIZE)), oldPages());
        WalSegment read = directory.openToRead(name(7));

        // When
        directory.recycle(new StoredSegment(name(7), true));
        assertThat(spares()).isEmpty();
        prepare();

        // Then
        ByteBuffer bytes = ByteBuffer.allocate(SIZE.bytes());
        read.file().read(0, bytes);
        assertThat(bytes.array()).isEqualTo(oldPages());
        read.release();
    }

    @Test
    void aSegmentThatNobodyReadsAnyMoreIsUsedAgain() throws Exception {
        // Given
        Files.write(path.resolve(name(7).format(SIZE)), oldPages());
        directory.openToRead(name(7)).release();

        // When
        directory.recycle(new StoredSegment(name(7), true));

        // Then
        assertThat(spares()).hasSize(1);
    }

    @Test
    void noMoreThanABoundedNumberIsKept() throws Exception {
        // When
        for (int i = 0; i < 10; i++) {
            remove(i);
        }
        prepare();

        // Then
        assertThat(storage.list(path)).hasSize(3).allMatch(SpareSegments::isSpare);
    }

    @Test
    void segmentsAreMadeReadyWhereNoneIsRemoved() throws Exception {
        // When
        prepare();

        // Then
        assertThat(spares()).hasSize(2);
    }

    @Test
    void noneIsMadeWhereTheLimitLeavesNoRoom() throws Exception {
        // Given: two segments, and one more is allowed
        directory.createPartial(name(1)).release();
        directory.createPartial(name(2)).release();
        limits = new Limits(3L * SIZE.bytes(), 0);

        // When
        prepare();

        // Then
        assertThat(spares()).hasSize(1);
    }

    @Test
    void noneIsMadeOfTheLastSegmentsRoomThatTheFileSystemHas() throws Exception {
        // Given
        storage.room(2L * SIZE.bytes() - 1);

        // When
        prepare();

        // Then
        assertThat(spares()).isEmpty();
    }

    @Test
    void allAreGivenUpWhenTheLimitIsLowered() throws Exception {
        // Given
        prepare();
        directory.createPartial(name(1)).release();
        remove(9);
        limits = new Limits(SIZE.bytes(), 0);

        // When
        prepare();

        // Then
        assertThat(storage.list(path)).containsExactly(name(1).format(SIZE) + ".partial");
    }

    @Test
    void theWriterIsRefusedNoSegmentForTheSakeOfSpares() throws Exception {
        // Given: one segment and two spares, as many as are allowed
        limits = new Limits(3L * SIZE.bytes(), 0);
        directory.createPartial(name(1)).release();
        prepare();

        // When, Then
        DiskGuard guard = new DiskGuard(storage, path, SIZE, () -> limits);
        assertThat(guard.refusal()).isEmpty();
        directory.createPartial(name(2)).release();
        directory.createPartial(name(3)).release();
        assertThat(guard.refusal()).isPresent();
        assertThat(storage.list(path)).hasSize(3);
    }

    @Test
    void theWriterMakesItsOwnInThePlaceOfOneThatIsNotReady() throws Exception {
        // Given
        remove(7);

        // When
        directory.createPartial(NEXT).release();

        // Then
        assertThat(storage.list(path)).containsExactly("000000010000000000000100.partial");
    }

    @Test
    void aFileThatCannotBeFilledIsNotTakenForASegment() throws Exception {
        // Given
        remove(7);
        storage.fail("write xlogtemp");

        // When
        assertThatThrownBy(this::prepare).isInstanceOf(IOException.class);
        storage.repair();

        // Then
        assertThat(storage.list(path)).isEmpty();
        directory.createPartial(NEXT).release();
        assertThat(Files.readAllBytes(path.resolve("000000010000000000000100.partial")))
                .isEqualTo(new byte[SIZE.bytes()]);
    }

    @Test
    void aFileOfAnotherSizeIsMadeAnew() throws Exception {
        // Given
        Files.write(path.resolve(name(7).format(SIZE)), new byte[3000]);
        directory.recycle(new StoredSegment(name(7), true));

        // When
        prepare();

        // Then
        assertThat(spares()).allSatisfy(spare -> assertThat(path.resolve(spare)).hasSize(SIZE.bytes()));
    }

    @Test
    void whatAKilledProgramLeftIsRemovedAtTheNextStart(@TempDir Path data) throws Exception {
        // Given
        SampleCluster.store(storage, data).close();
        Path wal = data.resolve("pg_wal");
        Files.write(wal.resolve("xlogtemp.4711"), new byte[100]);
        Files.write(wal.resolve("xlogtemp.spare.1"), oldPages());

        // When
        SampleCluster.opener(storage, data, true)
                .recover(SampleCluster.control(SampleCluster.FIRST))
                .orElseThrow()
                .close();

        // Then
        assertThat(storage.list(wal)).containsExactly("0000000100000001000007FF.partial");
    }

    @Test
    void moreAreAskedForWhenOneIsTakenButNotWhileWalComesInBulk() throws Exception {
        // Given
        AtomicLong now = new AtomicLong();
        directory = new WalDirectory(storage, path, SIZE, now::get);
        AtomicInteger asked = new AtomicInteger();
        directory.spares().onTaken(asked::incrementAndGet);
        prepare();

        // When
        directory.createPartial(name(1)).release();
        now.addAndGet(SpareSegments.BULK - 1);
        directory.createPartial(name(2)).release();
        now.addAndGet(SpareSegments.BULK - 1);
        directory.createPartial(name(3)).release();

        // Then
        assertThat(asked).as("for the first alone").hasValue(1);
        now.addAndGet(SpareSegments.BULK);
        directory.createPartial(name(4)).release();
        assertThat(asked).as("when it has become slower").hasValue(2);
    }

    @Test
    void whereNoneIsReadyTheSegmentIsOfFullSizeAndReadsAsZeros() throws Exception {
        // When
        directory.createPartial(NEXT).release();

        // Then
        Path partial = path.resolve("000000010000000000000100.partial");
        assertThat(Files.readAllBytes(partial)).isEqualTo(new byte[SIZE.bytes()]);
    }

    @Test
    void aStoreThatIsClosedLeavesNoneBehind(@TempDir Path data) throws Exception {
        // Given
        WalStore store = SampleCluster.store(storage, data);
        store.prepareSegments();
        assertThat(storage.list(data.resolve("pg_wal"))).hasSize(3);

        // When
        store.close();
        store.prepareSegments();

        // Then
        assertThat(storage.list(data.resolve("pg_wal"))).containsExactly("0000000100000001000007FF.partial");
    }

    @Test
    void removalOfObsoleteSegmentsRecyclesThem(@TempDir Path data) throws Exception {
        // Given
        WalStore store = SampleCluster.store(storage, data);
        SampleCluster.receive(store, new byte[5 * SIZE.bytes()]);
        SampleCluster.awaitFlushed(store, SampleCluster.START.plus(5L * SIZE.bytes()));
        Path wal = data.resolve("pg_wal");
        int before = storage.list(wal).size();

        // When
        int removed = store.removeBefore(SampleCluster.START.plus(2L * SIZE.bytes()));

        // Then
        assertThat(removed).isEqualTo(2);
        assertThat(storage.list(wal))
                .hasSize(before)
                .filteredOn(SpareSegments::isSpare)
                .hasSize(2);
        assertThat(store.directory().segments(TimelineHistory.first().timeline()))
                .extracting(segment -> segment.name().segmentNumber())
                .first()
                .isEqualTo(SIZE.segmentNumber(SampleCluster.START) + 2);
        store.close();
    }
}
