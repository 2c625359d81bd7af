package io.walrelay.replication.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndOfWalTest {
    private final WalBuilder wal = new WalBuilder(WalPageMagic.PG18);

    @Test
    void endsAtZeros() {
        wal.record(10_000);
        Lsn end = wal.lsn();

        EndOfWal found = find(wal.zeroed());

        assertThat(found.validEnd()).isEqualTo(end);
        assertThat(found.incompleteRecord()).isEmpty();
        assertThat(found.reason()).isEqualTo("invalid record length at " + end + ": expected at least 24, got 0");
    }

    @Test
    void endsAtStartWhenThereIsNothing() {
        assertThat(find(new byte[0]).validEnd()).isEqualTo(WalBuilder.START);
        assertThat(find(new byte[0]).reason()).isEqualTo("there is no WAL at 1/7FF00000");
        assertThat(find(wal.record(5).value() == 0 ? new byte[0] : new byte[8192])
                        .reason())
                .isEqualTo("invalid magic number 0000 in WAL segment 0000000300000001000007FF, LSN 1/7FF00000,"
                        + " offset 0");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8, 23, 24, 25, 1000, 9000})
    void endsBeforeRecordThatIsNotAllThere(int part) {
        // Given
        wal.record(100);
        Lsn end = wal.lsn();
        Lsn incomplete = wal.partOfRecord(20_000, part);

        // When nothing is behind it
        EndOfWal atEnd = find(wal.bytes());

        // Then
        assertThat(atEnd.validEnd()).isEqualTo(end);
        assertThat(atEnd.incompleteRecord()).contains(incomplete);
        assertThat(atEnd.reason()).isEqualTo("there is no WAL at " + wal.lsn());
    }

    @Test
    void endsBeforeRecordThatContinuesInZeros() {
        // Given a record that was written up to the end of its page
        wal.record(100);
        Lsn end = wal.lsn();
        Lsn incomplete = wal.partOfRecord(20_000, WalFormat.PAGE_SIZE - WalFormat.offsetInPage(wal.position()));

        // When
        EndOfWal found = find(wal.zeroed());

        // Then
        assertThat(found.validEnd()).isEqualTo(end);
        assertThat(found.incompleteRecord()).contains(incomplete);
        assertThat(found.reason()).startsWith("invalid magic number 0000 in WAL segment");
    }

    @Test
    void endsBeforeTornPage() {
        // Given a page of which only the first of two 4 kB blocks was written
        wal.record(100);
        Lsn end = wal.lsn();
        Lsn torn = wal.record(6000);
        byte[] bytes = wal.zeroed();
        Arrays.fill(bytes, 4096, 8192, (byte) 0);

        // When
        EndOfWal found = find(bytes);

        // Then
        assertThat(found.validEnd()).isEqualTo(end);
        assertThat(found.incompleteRecord()).contains(torn);
        assertThat(found.reason()).isEqualTo("incorrect resource manager data checksum in record at " + torn);
    }

    @Test
    void endsBeforeOldPagesOfRecycledSegment() {
        // Given a segment's file of old, whose pages are valid but for their address, under new WAL
        byte[] old = new byte[WalBuilder.SEGMENT.bytes()];
        WalBuilder former = new WalBuilder(WalPageMagic.PG18);
        former.switchSegment();
        former.record(former.size() - 2000);
        System.arraycopy(former.bytes(), WalBuilder.SEGMENT.bytes(), old, 0, old.length - 100_000);
        wal.record(100);
        wal.recordUpTo(0);
        Lsn end = wal.lsn();
        byte[] recycled = old.clone();
        System.arraycopy(wal.bytes(), 0, recycled, 0, wal.size());

        // When
        EndOfWal found = find(recycled);

        // Then
        assertThat(found.validEnd()).isEqualTo(end);
        assertThat(found.incompleteRecord()).isEmpty();
        assertThat(found.reason())
                .isEqualTo("unexpected pageaddr 1/80002000 in WAL segment 0000000300000001000007FF,"
                        + " LSN 1/7FF02000, offset 8192");
    }

    @Test
    void endsBeforeOldRecordWithValidChecksum() {
        // Given an earlier life of the page, in which a record began just where the new WAL ends
        wal.record(16);
        Lsn end = wal.lsn();
        WalBuilder former = new WalBuilder(WalPageMagic.PG18);
        former.record(0);
        former.record(0);
        former.record(64);
        byte[] bytes = former.zeroed();
        int size = wal.size();
        System.arraycopy(wal.bytes(), 0, bytes, 0, size);
        byte[] stale = Arrays.copyOfRange(former.bytes(), 40 + 24 + 24, former.size());
        System.arraycopy(stale, 0, bytes, size, stale.length);

        // When
        EndOfWal found = find(bytes);

        // Then
        assertThat(found.validEnd()).isEqualTo(end);
        assertThat(found.incompleteRecord()).isEmpty();
        assertThat(found.reason()).startsWith("record with incorrect prev-link");
    }

    @ParameterizedTest
    @EnumSource(names = {"PG10", "PG11", "PG18"})
    void endsAtSegmentEndBehindSwitch(WalPageMagic magic) {
        WalBuilder switched = new WalBuilder(magic);
        switched.record(100);
        switched.switchSegment();

        EndOfWal found = find(switched, switched.bytes());

        assertThat(found.validEnd()).isEqualTo(WalBuilder.START.plus(WalBuilder.SEGMENT.bytes()));
    }

    @Test
    void endsAtPageThatVersion10HadNotWrittenBehindSwitch() {
        // Given a switch record whose first page alone reached the disk
        WalBuilder switched = new WalBuilder(WalPageMagic.PG10);
        switched.switchSegment();
        byte[] bytes = switched.bytes();
        Arrays.fill(bytes, 8192, bytes.length, (byte) 0);

        // When
        EndOfWal found = find(switched, bytes);

        // Then
        assertThat(found.validEnd()).isEqualTo(WalBuilder.START.plus(8192));
        found.checker().feed(Unpooled.wrappedBuffer(switched.bytes(), 8192, bytes.length - 8192));
        assertThat(found.checker().validatedEnd()).isEqualTo(switched.lsn());
    }

    @Test
    void leavesCheckerThatGoesOn() {
        // Given WAL that breaks off within a record
        wal.record(100);
        wal.record(30_000);
        Lsn end = wal.lsn();
        wal.record(50_000);
        int cut = (int) end.minus(WalBuilder.START) + 20_000;
        EndOfWal found = find(Arrays.copyOf(wal.bytes(), cut));
        assertThat(found.validEnd()).isEqualTo(end);

        // When it is streamed again from the end
        int from = (int) found.validEnd().minus(WalBuilder.START);
        wal.record(5);
        found.checker().feed(Unpooled.wrappedBuffer(wal.bytes(), from, wal.size() - from));

        // Then
        assertThat(found.checker().validatedEnd()).isEqualTo(wal.lsn());
    }

    private EndOfWal find(byte[] bytes) {
        return find(wal, bytes);
    }

    private static EndOfWal find(WalBuilder wal, byte[] bytes) {
        return EndOfWal.find(
                wal.format(), TimelineId.of(3), WalBuilder.START, (page, target) -> read(bytes, page, target));
    }

    private static boolean read(byte[] bytes, Lsn page, ByteBuf target) {
        int offset = (int) page.minus(WalBuilder.START);
        if (offset >= bytes.length) {
            return false;
        }
        target.writeBytes(bytes, offset, Math.min(WalFormat.PAGE_SIZE, bytes.length - offset));
        return true;
    }
}
