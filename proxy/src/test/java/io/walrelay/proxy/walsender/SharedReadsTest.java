package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import java.io.IOException;
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

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final WalBuilder wal = SampleCluster.wal();
    private final List<ByteBuf> read = new ArrayList<>();
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
        assertThat(read).allSatisfy(bytes -> assertThat(bytes.refCnt()).isZero());
        channel.finish();
        store.close();
    }

    private void keep(Lsn from, long walEnd) {
        assertThat(find(FILE, from, walEnd)).isFalse();
        ByteBuf bytes = Unpooled.directBuffer(LENGTH, LENGTH).writeZero(LENGTH);
        read.add(bytes);
        reads.keep(FILE, from.value(), LENGTH, walEnd, bytes).release();
    }

    private boolean find(WalFileName file, Lsn from, long walEnd) {
        ByteBuf found = reads.find(file, from.value(), LENGTH, walEnd);
        if (found == null) {
            return false;
        }
        assertThat(found.readableBytes()).isEqualTo(LENGTH);
        assertThat(found.maxWritableBytes()).isZero();
        found.release();
        return true;
    }

    @Test
    void whatOneHasReadTheNextOneFinds() {
        // When
        keep(START, SharedReads.NO_HEADER);

        // Then
        assertThat(find(FILE, START, SharedReads.NO_HEADER)).isTrue();
        assertThat(find(FILE, START.plus(1), SharedReads.NO_HEADER)).isFalse();
        assertThat(find(FILE, START, START.value())).isFalse();
        assertThat(find(new WalFileName(SECOND, FILE.segmentNumber()), START, SharedReads.NO_HEADER))
                .isFalse();
    }

    @Test
    void noMoreIsKeptThanEightPieces() {
        // When
        for (int i = 0; i <= SharedReads.KEPT; i++) {
            keep(START.plus(i), SharedReads.NO_HEADER);
        }

        // Then
        assertThat(read.getFirst().refCnt()).isZero();
        assertThat(find(FILE, START, SharedReads.NO_HEADER)).isFalse();
        assertThat(find(FILE, START.plus(1), SharedReads.NO_HEADER)).isTrue();
    }

    @Test
    void oneSenderAloneKeepsNothing() {
        // Given
        reads.senders(1);

        // When
        keep(START, SharedReads.NO_HEADER);

        // Then
        assertThat(read.getFirst().refCnt()).isZero();
        assertThat(find(FILE, START, SharedReads.NO_HEADER)).isFalse();
    }

    @Test
    void aHeaderIsGoodForAMillisecondAndWalForASecond() {
        // Given
        keep(START, START.value());
        keep(START.plus(1), SharedReads.NO_HEADER);

        // When
        now += SharedReads.HEADER_HOLDS;

        // Then
        assertThat(find(FILE, START, START.value())).isFalse();
        assertThat(find(FILE, START.plus(1), SharedReads.NO_HEADER)).isTrue();

        // And when
        now += SharedReads.HOLDS;

        // Then
        assertThat(find(FILE, START.plus(1), SharedReads.NO_HEADER)).isFalse();
    }

    @Test
    void whatNobodyAsksForIsLetGo() {
        // Given
        channel.freezeTime();
        keep(START, SharedReads.NO_HEADER);
        passHalf();
        assertThat(find(FILE, START, SharedReads.NO_HEADER)).isTrue();

        // When
        passHalf();
        int whileUsed = read.getFirst().refCnt();
        passHalf();

        // Then
        assertThat(whileUsed).isOne();
        assertThat(read.getFirst().refCnt()).isZero();
    }

    private void passHalf() {
        now += SharedReads.HOLDS / 2;
        channel.advanceTimeBy(SharedReads.HOLDS / 2, TimeUnit.NANOSECONDS);
        channel.runPendingTasks();
    }

    @Test
    void whatIsKeptGoesWithTheSenders() {
        // Given
        keep(START, SharedReads.NO_HEADER);

        // When
        reads.senders(1);

        // Then
        assertThat(read.getFirst().refCnt()).isZero();
    }

    @Test
    void walThatWasTakenBackIsReadAnew() throws IOException {
        // Given
        Lsn record = wal.record(5000);
        receive(record.plus(3000));
        keep(record, SharedReads.NO_HEADER);

        // When
        store.refetch();

        // Then
        assertThat(find(FILE, record, SharedReads.NO_HEADER)).isFalse();
    }

    @Test
    void whatWasTakenBackWhileItWasReadIsReadAnew() throws IOException {
        // Given
        Lsn record = wal.record(5000);
        receive(record.plus(3000));
        assertThat(find(FILE, record, SharedReads.NO_HEADER)).isFalse();
        ByteBuf bytes = Unpooled.directBuffer(LENGTH, LENGTH).writeZero(LENGTH);
        read.add(bytes);

        // When
        store.refetch();
        reads.keep(FILE, record.value(), LENGTH, SharedReads.NO_HEADER, bytes).release();

        // Then
        assertThat(find(FILE, record, SharedReads.NO_HEADER)).isFalse();
    }

    @Test
    void anotherTimelineIsReadAnew() throws Exception {
        // Given
        Lsn record = wal.record(5000);
        receive(wal.lsn());
        keep(record, SharedReads.NO_HEADER);

        // When
        store.switchTimeline(SampleCluster.history(SECOND, "1\t" + wal.lsn() + "\tx"));

        // Then
        assertThat(find(FILE, record, SharedReads.NO_HEADER)).isFalse();
    }

    @Test
    void aSegmentThatWasFetchedAgainIsReadAnew() {
        // Given
        keep(START, SharedReads.NO_HEADER);

        // When
        store.integrity().replaced(FILE);

        // Then
        assertThat(find(FILE, START, SharedReads.NO_HEADER)).isFalse();
    }

    private void receive(Lsn to) throws IOException {
        int from = (int) store.end().written().minus(START);
        SampleCluster.receive(store, Arrays.copyOfRange(wal.bytes(), from, (int) to.minus(START)));
    }
}
