package io.walrelay.proxy.wal;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.awaitFlushed;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WalStoreTest {
    private static final String SEGMENT_1 = "0000000100000001000007FF";
    private static final String SEGMENT_2 = "000000010000000100000800";

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final CompletableFuture<IOException> syncFailure = new CompletableFuture<>();
    private final List<WalStore> opened = new ArrayList<>();

    private WalStore store() {
        return opened.getFirst();
    }

    @BeforeEach
    void create() throws IOException {
        opened.add(new WalOpener(
                        storage,
                        directory,
                        false,
                        SampleCluster.flusher(),
                        syncFailure::complete,
                        System::nanoTime,
                        Duration.ZERO)
                .create(SampleCluster.control(FIRST), TimelineHistory.first(), START));
    }

    @AfterEach
    void close() {
        storage.repair();
        opened.forEach(WalStore::close);
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private Path file(String name) {
        return directory.resolve("pg_wal").resolve(name);
    }

    private byte[] stored(String name, int count) {
        try {
            return Arrays.copyOf(Files.readAllBytes(file(name)), count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aMessageAcrossASegmentBoundaryIsSplit() throws Exception {
        // Given
        byte[] before = bytes(SEGMENT - 100);
        byte[] across = bytes(300);
        receive(store(), before);

        // When
        receive(store(), across);
        awaitFlushed(store(), START.plus(SEGMENT + 200));

        // Then
        assertThat(Arrays.copyOfRange(stored(SEGMENT_1, SEGMENT), SEGMENT - 100, SEGMENT))
                .isEqualTo(Arrays.copyOf(across, 100));
        assertThat(stored(SEGMENT_2 + ".partial", 200)).isEqualTo(Arrays.copyOfRange(across, 100, 300));
        assertThat(file(SEGMENT_2 + ".partial")).hasSize(SEGMENT);
        assertThat(file(SEGMENT_1 + ".partial")).doesNotExist();
        assertThat(store().end().written()).isEqualTo(START.plus(SEGMENT + 200));
    }

    @Test
    void aMessageLongerThanASegmentFillsIt() throws Exception {
        // Given
        byte[] message = bytes(2 * SEGMENT + 10);

        // When
        receive(store(), message);
        awaitFlushed(store(), START.plus(message.length));

        // Then
        assertThat(stored(SEGMENT_1, SEGMENT)).isEqualTo(Arrays.copyOf(message, SEGMENT));
        assertThat(stored(SEGMENT_2, SEGMENT)).isEqualTo(Arrays.copyOfRange(message, SEGMENT, 2 * SEGMENT));
        assertThat(stored("000000010000000100000801.partial", 11))
                .isEqualTo(Arrays.copyOf(Arrays.copyOfRange(message, 2 * SEGMENT, message.length), 11));
    }

    @Test
    void aMessageInSeveralBuffersIsWrittenInOrderAndReleased() throws Exception {
        // Given
        byte[] message = bytes(70_000);
        CompositeByteBuf chain = Unpooled.compositeBuffer();
        for (int at = 0; at < message.length; at += 1000) {
            chain.addComponent(
                    true, Unpooled.directBuffer(1000).writeBytes(message, at, Math.min(1000, message.length - at)));
        }

        // When
        store().writer().append(chain);
        store().writer().writeOut();

        // Then
        assertThat(stored(SEGMENT_1 + ".partial", message.length)).isEqualTo(message);
        assertThat(chain.refCnt()).isZero();
    }

    @Test
    void manySmallMessagesOfOneReadAreWrittenInOrder() throws Exception {
        // Given
        byte[] wal = bytes(9000);
        ByteBuf read = Unpooled.wrappedBuffer(wal);

        // When
        for (int i = 0; i < 3000; i++) {
            store().writer().append(read.readRetainedSlice(3));
        }
        store().writer().writeOut();

        // Then
        assertThat(stored(SEGMENT_1 + ".partial", 9000)).isEqualTo(wal);
        assertThat(read.refCnt()).isEqualTo(1);
        assertThat(storage.operations(operation -> operation.startsWith("write 0000")))
                .hasSizeLessThan(20);
        read.release();
    }

    @Test
    void nothingIsPublishedBeforeItIsInTheFile() throws Exception {
        // Given
        byte[] wal = bytes(SEGMENT + 5000);
        List<Lsn> published = new ArrayList<>();
        store().onWritten(() -> {
            Lsn written = store().end().written();
            published.add(written);
            int count = (int) Math.min(SEGMENT, written.minus(START));
            String name = Files.exists(file(SEGMENT_1)) ? SEGMENT_1 : SEGMENT_1 + ".partial";
            assertThat(stored(name, count)).isEqualTo(Arrays.copyOf(wal, count));
        });

        // When
        store().writer().append(Unpooled.wrappedBuffer(wal, 0, 1000));
        assertThat(store().end().written()).isEqualTo(START);
        store().writer().writeOut();
        receive(store(), Arrays.copyOfRange(wal, 1000, wal.length));

        // Then
        assertThat(published).containsExactly(START.plus(1000), START.plus(SEGMENT), START.plus(wal.length));
    }

    @Test
    void flushIsNotPublishedBeforeFsync() throws Exception {
        // Given
        CountDownLatch syncing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        storage.before(operation -> {
            if (operation.startsWith("sync 0000")) {
                syncing.countDown();
                await(goOn);
            }
        });

        // When
        receive(store(), bytes(100));
        await(syncing);

        // Then
        assertThat(store().end().written()).isEqualTo(START.plus(100));
        assertThat(store().end().flushed()).isEqualTo(START);
        goOn.countDown();
        awaitFlushed(store(), START.plus(100));
        assertThat(store().end().flushed()).isEqualTo(START.plus(100));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aSegmentIsSyncedThenRenamedThenItsNameIsSyncedThenItsFlushIsPublished() throws Exception {
        // Given
        store().onFlushed(() -> storage.note("flushed " + store().end().flushed()));
        storage.forget();

        // When
        receive(store(), bytes(SEGMENT + 1));
        awaitFlushed(store(), START.plus(SEGMENT + 1));
        store().close();

        // Then
        List<String> operations = storage.operations();
        String rename = "rename " + SEGMENT_1 + ".partial to " + SEGMENT_1;
        assertThat(operations)
                .containsSubsequence(
                        "write " + SEGMENT_1 + ".partial",
                        "sync " + SEGMENT_1 + ".partial",
                        rename,
                        "sync directory pg_wal",
                        "flushed " + START.plus(SEGMENT + 1));
        assertThat(operations)
                .containsSubsequence(
                        "write " + SEGMENT_2 + ".partial",
                        "sync " + SEGMENT_2 + ".partial",
                        "flushed " + START.plus(SEGMENT + 1));
        assertThat(operations.subList(operations.indexOf(rename), operations.size()))
                .as("nothing is written to a segment that has its final name")
                .noneMatch(operation ->
                        operation.equals("write " + SEGMENT_1) || operation.equals("write " + SEGMENT_1 + ".partial"));
    }

    @Test
    void theNameOfANewSegmentIsDurableBeforeItsFlushIsPublished() throws Exception {
        // Given
        receive(store(), bytes(SEGMENT));
        awaitFlushed(store(), START.plus(SEGMENT));
        store().onFlushed(() -> storage.note("flushed " + store().end().flushed()));
        storage.forget();

        // When
        receive(store(), bytes(10));
        awaitFlushed(store(), START.plus(SEGMENT + 10));
        store().close();

        // Then
        assertThat(storage.operations(operation -> !operation.startsWith("write")))
                .containsSubsequence(
                        "create xlogtemp." + ProcessHandle.current().pid(),
                        "rename xlogtemp." + ProcessHandle.current().pid() + " to " + SEGMENT_2 + ".partial",
                        "sync directory pg_wal",
                        "flushed " + START.plus(SEGMENT + 10));
    }

    @Test
    void aFailedSyncIsToldOnceAndNothingMoreIsFlushed() throws Exception {
        // Given
        storage.forget();
        storage.fail("sync 0000");

        // When
        receive(store(), bytes(100));
        IOException told = syncFailure.get(10, TimeUnit.SECONDS);
        storage.repair();
        receive(store(), bytes(100));
        store().close();

        // Then
        assertThat(told).hasMessage("No space left on device");
        assertThat(store().end().flushed()).isEqualTo(START);
        assertThat(storage.operations(operation -> operation.startsWith("sync 0000")))
                .isEmpty();
    }

    @Test
    void aFailedSyncOfTheDirectoryPublishesNothingBehindANewName() throws Exception {
        // Given
        storage.fail("sync directory pg_wal");

        // When
        receive(store(), bytes(SEGMENT + 100));
        syncFailure.get(10, TimeUnit.SECONDS);

        // Then
        assertThat(store().end().flushed()).isLessThanOrEqualTo(START.plus(SEGMENT));
    }

    @Test
    void aListenerThatFailsIsAFailureOfTheFlusherThatIsTold() throws Exception {
        // Given
        store().onFlushed(() -> {
            throw new IllegalStateException("broken listener");
        });

        // When
        receive(store(), bytes(100));

        // Then
        assertThat(syncFailure.get(10, TimeUnit.SECONDS)).hasMessageContaining("broken listener");
    }

    @ParameterizedTest
    @ValueSource(strings = {"No space left on device", "Disk quota exceeded"})
    void aFailedWriteIsForgottenAndTheStreamBeginsAgainAtThePublishedEnd(String error) throws Exception {
        // Given
        byte[] wal = bytes(1000);
        receive(store(), Arrays.copyOf(wal, 300));
        awaitFlushed(store(), START.plus(300));
        storage.fail("write 0000", error);
        ByteBuf lost = Unpooled.buffer().writeBytes(wal, 300, 400);

        // When: the disk is full in the midst of the write, and then has room again
        store().writer().append(lost);
        assertThatThrownBy(() -> store().writer().writeOut())
                .isInstanceOf(IOException.class)
                .hasMessage(error);
        storage.repair();
        store().writer().writeOut();

        // Then
        assertThat(lost.refCnt()).isZero();
        assertThat(store().writer().received()).isEqualTo(START.plus(300));
        assertThat(store().end().written()).isEqualTo(START.plus(300));
        receive(store(), Arrays.copyOfRange(wal, 300, 1000));
        assertThat(stored(SEGMENT_1 + ".partial", 1000)).isEqualTo(wal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"No space left on device", "Disk quota exceeded"})
    void aSegmentThatCannotBeCreatedIsTriedAgain(String error) throws Exception {
        // Given
        byte[] wal = bytes(SEGMENT + 50);
        receive(store(), Arrays.copyOf(wal, SEGMENT));
        storage.fail("write xlogtemp", error);
        byte[] rest = Arrays.copyOfRange(wal, SEGMENT, wal.length);
        ByteBuf data = Unpooled.wrappedBuffer(rest);
        store().writer().append(data);

        // When
        assertThatThrownBy(() -> store().writer().writeOut()).isInstanceOf(IOException.class);
        storage.repair();

        // Then
        assertThat(data.refCnt()).isZero();
        assertThat(store().writer().received()).isEqualTo(START.plus(SEGMENT));
        receive(store(), rest);
        awaitFlushed(store(), START.plus(wal.length));
        assertThat(stored(SEGMENT_1, SEGMENT)).isEqualTo(Arrays.copyOf(wal, SEGMENT));
    }

    @Test
    void abandonedBuffersAreReleased() throws Exception {
        // Given
        ByteBuf data = Unpooled.wrappedBuffer(bytes(10));
        store().writer().append(data);
        assertThat(store().writer().received()).isEqualTo(START.plus(10));

        // When
        store().writer().abandon();

        // Then
        assertThat(data.refCnt()).isZero();
        assertThat(store().writer().received()).isEqualTo(START);
    }

    @Test
    void closingFlushesWhatWasWritten() throws Exception {
        // Given
        receive(store(), bytes(100));

        // When
        store().close();

        // Then
        assertThat(store().end().flushed()).isEqualTo(START.plus(100));
    }

    private static TimelineHistory forkedAt(Lsn switchPoint) {
        return SampleCluster.history(SECOND, "1\t" + switchPoint + "\tno recovery target specified");
    }

    @Test
    void aNewTimelineBeginsWithTheBytesThatBothShareAndTheOldFilesAreKept() throws Exception {
        // Given: WAL beyond the point where the new timeline forked off
        byte[] wal = bytes(SEGMENT + 5000);
        receive(store(), wal);
        Lsn switchPoint = START.plus(SEGMENT + 3000);
        WalEnd before = store().end();

        // When
        store().switchTimeline(forkedAt(switchPoint));

        // Then
        byte[] shared = Arrays.copyOf(Arrays.copyOfRange(wal, SEGMENT, SEGMENT + 3000), 5000);
        assertThat(stored("000000020000000100000800.partial", 5000)).isEqualTo(shared);
        assertThat(stored(SEGMENT_2 + ".partial", 5000)).isEqualTo(Arrays.copyOfRange(wal, SEGMENT, SEGMENT + 5000));
        assertThat(store().end().history()).isEqualTo(forkedAt(switchPoint));
        assertThat(store().end().written()).isEqualTo(switchPoint);
        assertThat(store().end().flushed()).isEqualTo(switchPoint);
        assertThat(store().writer().received()).isEqualTo(switchPoint);
        assertThat(ControlFile.read(storage, directory))
                .hasValueSatisfying(control -> assertThat(control.timeline()).isEqualTo(SECOND));
        assertThat(file("00000002.history")).isRegularFile();
        assertThat(before.history().timeline()).isEqualTo(FIRST);
        assertThat(before.flushed()).isEqualTo(START.plus(wal.length));
    }

    @Test
    void receivingGoesOnUnderTheNewTimelinesNames() throws Exception {
        // Given
        receive(store(), bytes(3000));
        Lsn switchPoint = START.plus(3000);
        store().switchTimeline(forkedAt(switchPoint));
        byte[] more = bytes(200);

        // When
        receive(store(), more);
        awaitFlushed(store(), switchPoint.plus(200));

        // Then
        assertThat(Arrays.copyOfRange(stored("0000000200000001000007FF.partial", 3200), 3000, 3200))
                .isEqualTo(more);
        assertThat(Arrays.copyOfRange(stored(SEGMENT_1 + ".partial", 3200), 3000, 3200))
                .isEqualTo(new byte[200]);
    }

    @Test
    void theControlFileNamesTheNewTimelineOnlyWhenItsFilesAreDurable() throws Exception {
        // Given
        receive(store(), bytes(3000));
        awaitFlushed(store(), START.plus(3000));
        storage.forget();

        // When
        store().switchTimeline(forkedAt(START.plus(3000)));

        // Then
        assertThat(storage.operations())
                .containsSubsequence(
                        "rename 00000002.history.tmp to 00000002.history",
                        "sync directory pg_wal",
                        "sync 0000000200000001000007FF.partial",
                        "sync directory pg_wal",
                        "rename walrelay.control.tmp to walrelay.control");
    }

    @Test
    void whatTheNewTimelineBeginsWithStaysThoughTheHorizonWasFoundOnTheOldOne() throws Exception {
        // Given
        receive(store(), bytes(5 * SEGMENT));
        Lsn horizonOfTheOld = START.plus(3L * SEGMENT);

        // When
        store().switchTimeline(SampleCluster.history(SECOND, "1\t" + START.plus(100) + "\tpromoted"));
        store().removeBefore(horizonOfTheOld);

        // Then
        assertThat(file("0000000200000001000007FF.partial")).exists();
    }

    @Test
    void aTimelineThatForkedOffBeforeAllThatIsKeptIsReceivedFromItsSegmentsStart() throws Exception {
        // Given: the segment of the switch point was removed, nobody needed it
        byte[] wal = bytes(5 * SEGMENT);
        receive(store(), wal);
        awaitFlushed(store(), START.plus(wal.length));
        store().removeBefore(START.plus(3L * SEGMENT));
        Lsn switchPoint = START.plus(SEGMENT + 3000);

        // When
        store().switchTimeline(forkedAt(switchPoint));

        // Then
        assertThat(store().end().history().timeline()).isEqualTo(SECOND);
        assertThat(store().writer().received()).isEqualTo(START.plus(SEGMENT));
        assertThat(store().acknowledgeable()).isEqualTo(START.plus(SEGMENT));
        receive(store(), Arrays.copyOfRange(wal, SEGMENT, SEGMENT + 4000));
        awaitFlushed(store(), START.plus(SEGMENT + 4000));
        assertThat(stored("000000020000000100000800.partial", 4000))
                .isEqualTo(Arrays.copyOfRange(wal, SEGMENT, SEGMENT + 4000));
        assertThat(file("000000010000000100000803"))
                .as("the old timeline's WAL, as far as it was kept")
                .isRegularFile();
    }

    @Test
    void aSwitchAtASegmentsStartBeginsAnEmptySegment() throws Exception {
        // Given
        receive(store(), bytes(SEGMENT));

        // When
        store().switchTimeline(forkedAt(START.plus(SEGMENT)));

        // Then
        assertThat(storage.list(directory.resolve("pg_wal")))
                .containsExactly(SEGMENT_1, "00000002.history", "000000020000000100000800.partial");
        assertThat(store().end().written()).isEqualTo(START.plus(SEGMENT));
    }

    @Test
    void aTruncatedFileIsNotCopiedToTheNewTimeline() throws Exception {
        // Given
        receive(store(), bytes(3000));
        awaitFlushed(store(), START.plus(3000));
        Files.write(file(SEGMENT_1 + ".partial"), bytes(1000));

        // When, Then
        assertThatThrownBy(() -> store().switchTimeline(forkedAt(START.plus(3000))))
                .isInstanceOf(IOException.class);
        assertThat(store().end().history().timeline()).isEqualTo(FIRST);
    }

    @Test
    void noTimelineIsSwitchedToWhenWhatWasReceivedCannotBeFlushed() throws Exception {
        // Given
        storage.fail("sync 0000");
        receive(store(), bytes(3000));
        syncFailure.get(10, TimeUnit.SECONDS);
        storage.repair();

        // When, Then
        assertThatThrownBy(() -> store().switchTimeline(forkedAt(START.plus(2000))))
                .isInstanceOf(IOException.class);
        assertThat(store().end().flushed()).isEqualTo(START);
    }
}
