package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.proxy.wal.WalSegment;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What senders of one event loop share of what they have read, and when they do not. */
final class SharedReadsTest {
    private static final int LENGTH = 600;
    private static final WalFileName FILE = new WalFileName(FIRST, WalBuilder.SEGMENT.segmentNumber(START));

    @TempDir
    private Path directory;

    /** What no WAL is: a piece that holds it was found, and not read. */
    private static final byte MARK = 0x7b;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final WalBuilder wal = SampleCluster.wal();
    private final List<ByteBuf> kept = new ArrayList<>();
    private WalStore store;
    private SharedReads reads;
    private long now = 1;

    @BeforeEach
    void open() throws IOException {
        store = SampleCluster.opener(new LocalStorage(), directory, true)
                .create(SampleCluster.control(FIRST), TimelineHistory.first(), START);
        reads = new SharedReads(channel.eventLoop(), store, () -> now);
        reads.senders(2);
    }

    @AfterEach
    void close() {
        reads.senders(0);
        assertThat(kept).allSatisfy(bytes -> assertThat(bytes.refCnt()).isZero());
        channel.finish();
        store.close();
    }

    private ByteBuf read(WalFileName file, Lsn from, int length) throws IOException {
        WalSegment segment = store.directory().openToRead(file);
        try {
            ByteBuf bytes = reads.read(segment, WalBuilder.SEGMENT.offset(from), from.value(), length);
            assertThat(bytes.readableBytes()).isEqualTo(length);
            return bytes;
        } finally {
            segment.release();
        }
    }

    private void keep(Lsn from) throws IOException {
        ByteBuf bytes = read(FILE, from, LENGTH);
        assertThat(first(bytes)).isNotEqualTo(MARK);
        bytes.setByte(bytes.readerIndex(), MARK);
        kept.add(bytes);
    }

    private boolean isShared(Lsn from) throws IOException {
        return first(read(FILE, from, LENGTH)) == MARK;
    }

    private static byte first(ByteBuf bytes) {
        return bytes.getByte(bytes.readerIndex());
    }

    private ByteBuf view(Lsn from) throws IOException {
        WalSegment segment = store.directory().openToRead(FILE);
        try {
            return reads.view(segment, WalBuilder.SEGMENT.offset(from), from.value(), LENGTH);
        } finally {
            segment.release();
        }
    }

    @Test
    void whatOneHasReadTheNextOneFinds() throws IOException {
        // When
        keep(START);

        // Then
        assertThat(isShared(START)).isTrue();
        assertThat(isShared(START.plus(1))).isFalse();
        assertThat(first(read(FILE, START, LENGTH - 1))).isNotEqualTo(MARK);
        assertThat(isShared(START)).isTrue();
    }

    @Test
    void noMoreIsKeptThanEightPieces() throws IOException {
        // When
        for (int i = 0; i <= SharedReads.KEPT; i++) {
            keep(START.plus(i));
        }

        // Then
        assertThat(isShared(START.plus(1))).isTrue();
        assertThat(isShared(START)).isFalse();
        assertThat(kept.getLast()).isSameAs(kept.getFirst());
    }

    @Test
    void memoryThatSomebodyHasASliceOfIsNotReadInto() throws IOException {
        // Given
        keep(START);
        ByteBuf slice = view(START);

        // When
        for (int i = 1; i <= SharedReads.KEPT; i++) {
            keep(START.plus(i));
        }

        // Then
        assertThat(first(slice)).isEqualTo(MARK);
        assertThat(slice.refCnt()).isOne();
        slice.release();
    }

    @Test
    void eachHasAViewOfItsOwnThatIsUsedAgainWithTheMemory() throws IOException {
        // Given
        ByteBuf one = view(START);
        ByteBuf other = view(START);

        // When one has been sent, the other not, and then both
        one.skipBytes(LENGTH).release();
        List<ByteBuf> meanwhile = new ArrayList<>();
        for (int i = 1; i <= SharedReads.KEPT; i++) {
            ByteBuf next = view(START.plus(i));
            next.release();
            meanwhile.add(next);
        }
        assertThat(other.readableBytes()).isEqualTo(LENGTH);
        assertThat(other.maxWritableBytes()).isZero();
        other.release();

        // Then
        assertThat(meanwhile)
                .allSatisfy(next -> assertThat(next).isNotSameAs(one).isNotSameAs(other));
        ByteBuf again = view(START.plus(SharedReads.KEPT + 1));
        assertThat(again).isSameAs(meanwhile.getFirst());
        assertThat(again.readableBytes()).isEqualTo(LENGTH);
        again.release();
    }

    @Test
    void oneSenderAloneUsesAnotherPieceWhileOneWaits() throws IOException {
        // Given
        reads.senders(1);
        ByteBuf waiting = view(START);

        // When
        ByteBuf next = view(START.plus(1));

        // Then
        assertThat(next.unwrap()).isNotSameAs(waiting.unwrap());
        waiting.release();
        next.release();
        ByteBuf later = view(START.plus(2));
        assertThat(later).isSameAs(next);
        later.release();
    }

    @Test
    void oneSenderAloneReadsAnewIntoTheSameMemory() throws IOException {
        // Given
        reads.senders(1);

        // When
        keep(START);

        // Then
        assertThat(isShared(START)).isFalse();
        assertThat(read(FILE, START.plus(1), LENGTH)).isSameAs(kept.getFirst());
    }

    @Test
    void whatIsNotInTheFileCannotBeRead() {
        // When
        Lsn last = START.plus(WalBuilder.SEGMENT.bytes() - LENGTH + 1);

        // Then
        assertThatThrownBy(() -> read(FILE, last, LENGTH))
                .isInstanceOf(EOFException.class)
                .hasMessage("read " + (LENGTH - 1) + " of " + LENGTH + " bytes");
    }

    @Test
    void walIsGoodForASecond() throws IOException {
        // Given
        keep(START);

        // When
        now += SharedReads.HOLDS - 1;

        // Then
        assertThat(isShared(START)).isTrue();

        // And when
        now++;

        // Then
        assertThat(isShared(START)).isFalse();
    }

    @Test
    void whatNobodyAsksForIsLetGo() throws IOException {
        // Given
        channel.freezeTime();
        keep(START);
        passHalf();
        assertThat(isShared(START)).isTrue();

        // When
        passHalf();
        int whileUsed = kept.getFirst().refCnt();
        passHalf();

        // Then
        assertThat(whileUsed).isOne();
        assertThat(kept.getFirst().refCnt()).isZero();
    }

    private void passHalf() {
        now += SharedReads.HOLDS / 2;
        channel.advanceTimeBy(SharedReads.HOLDS / 2, TimeUnit.NANOSECONDS);
        channel.runPendingTasks();
    }

    @Test
    void whatIsKeptGoesWithTheSenders() throws IOException {
        // Given
        keep(START);

        // When
        reads.senders(1);

        // Then
        assertThat(kept.getFirst().refCnt()).isZero();
    }

    @Test
    void walThatWasTakenBackIsReadAnew() throws IOException {
        // Given
        Lsn record = wal.record(5000);
        receive(record.plus(3000));
        keep(record);

        // When
        store.refetch();

        // Then
        assertThat(isShared(record)).isFalse();
    }

    @Test
    void whatWasTakenBackWhileItWasReadIsReadAnew() throws IOException {
        // Given
        Lsn record = wal.record(5000);
        receive(record.plus(3000));
        WalSegment segment = store.directory().openToRead(FILE);
        StoredFile takenBackMeanwhile = new Overtaken(segment.file(), store::refetch);

        // When
        ByteBuf bytes = reads.read(FILE, takenBackMeanwhile, WalBuilder.SEGMENT.offset(record), record.value(), LENGTH);
        bytes.setByte(0, MARK);
        segment.release();

        // Then
        assertThat(isShared(record)).isFalse();
    }

    /** A file during whose reading something happens. */
    private record Overtaken(StoredFile file, Happening happening) implements StoredFile {
        private interface Happening {
            void happen() throws IOException;
        }

        @Override
        public void write(long position, ByteBuffer data) throws IOException {
            file.write(position, data);
        }

        @Override
        public int read(long position, ByteBuffer target) throws IOException {
            int read = file.read(position, target);
            happening.happen();
            return read;
        }

        @Override
        public void load(long position, long length) throws IOException {
            file.load(position, length);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public FileChannel channel() {
            return file.channel();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @Test
    void anotherTimelineIsReadAnew() throws Exception {
        // Given
        Lsn record = wal.record(5000);
        receive(wal.lsn());
        keep(record);

        // When
        store.switchTimeline(SampleCluster.history(SECOND, "1\t" + wal.lsn() + "\tx"));

        // Then
        assertThat(isShared(record)).isFalse();
    }

    @Test
    void aSegmentThatWasFetchedAgainIsReadAnew() throws IOException {
        // Given
        keep(START);

        // When
        store.integrity().replaced(FILE);

        // Then
        assertThat(isShared(START)).isFalse();
    }

    private void receive(Lsn to) throws IOException {
        int from = (int) store.end().written().minus(START);
        SampleCluster.receive(store, Arrays.copyOfRange(wal.bytes(), from, (int) to.minus(START)));
    }
}
