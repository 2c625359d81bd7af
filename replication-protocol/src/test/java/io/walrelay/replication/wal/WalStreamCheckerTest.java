package io.walrelay.replication.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalStreamCheckerTest {
    private static final String FILE = " in WAL segment 0000000300000001000007FF, LSN ";

    private final WalBuilder wal = new WalBuilder(WalPageMagic.PG18);

    @ParameterizedTest
    @EnumSource
    void acceptsRecordsOfEverySizeInPiecesOfEverySize(WalPageMagic magic) {
        // Given records that end right before, at and behind page ends, and are longer than pages and a segment
        WalBuilder builder = new WalBuilder(magic);
        for (int bytesBeforeEnd = 0; bytesBeforeEnd <= 40; bytesBeforeEnd++) {
            builder.recordUpTo(bytesBeforeEnd);
            builder.record(bytesBeforeEnd);
        }
        builder.record(3 * WalFormat.PAGE_SIZE);
        builder.switchSegment();
        builder.record(WalBuilder.SEGMENT.bytes() + 77);
        builder.record(0);
        byte[] bytes = builder.bytes();

        for (int most : new int[] {1, 97, 8192, 131072}) {
            // When
            WalStreamChecker checker = checker(builder);
            feedInPieces(checker, bytes, most);

            // Then
            assertThat(checker.position()).isEqualTo(builder.lsn());
            assertThat(checker.validatedEnd()).isEqualTo(builder.lsn());
            assertThat(checker.isMidRecord()).isFalse();
        }
    }

    @Test
    void knowsAtEveryByteUpToWhereRecordsAreComplete() {
        // Given a record that needs aligning, one across a page and a half, and one whose header is split
        wal.record(3);
        long firstEnd = wal.position();
        Lsn second = wal.record(12_000);
        long secondEnd = wal.position();
        wal.recordUpTo(16);
        long thirdEnd = wal.position();
        Lsn split = wal.record(100);
        assertThat(WalFormat.offsetInPage(split.value())).isEqualTo(WalFormat.PAGE_SIZE - 16);
        byte[] bytes = wal.bytes();
        WalStreamChecker checker = checker(wal);

        for (int i = 0; i < bytes.length; i++) {
            // When
            checker.feed(Unpooled.wrappedBuffer(bytes, i, 1));

            // Then
            long position = WalBuilder.START.value() + i + 1;
            long expected = WalBuilder.START.value();
            for (long end : new long[] {firstEnd, secondEnd, thirdEnd, wal.position()}) {
                expected = position >= end ? end : expected;
            }
            assertThat(checker.position().value()).isEqualTo(position);
            assertThat(checker.validatedEnd().value()).isEqualTo(expected);
            if (position > second.value() && position < secondEnd) {
                assertThat(checker.incompleteRecord()).contains(second);
            }
        }
        assertThat(checker.incompleteRecord()).isEmpty();
    }

    @Test
    void isBetweenRecordsBehindPageHeader() {
        // Given a record that ends with its page, and the next page's header
        wal.recordUpTo(0);
        Lsn pageStart = wal.lsn();
        Lsn next = wal.record(8);
        WalStreamChecker checker = checker(wal);

        // When
        checker.feed(Unpooled.wrappedBuffer(wal.bytes(), 0, (int) next.minus(WalBuilder.START)));

        // Then
        assertThat(next.minus(pageStart)).isEqualTo(WalPageHeader.SHORT_LENGTH);
        assertThat(checker.position()).isEqualTo(next);
        assertThat(checker.validatedEnd()).isEqualTo(pageStart);
        assertThat(checker.isMidRecord()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 8, 8152, 8150, 20_000, 3_000_000})
    void skipsRecordThatBeganBeforeTheStart(long unseen) {
        // Given
        wal.beginWithin(unseen);
        long unseenEnd = wal.position();
        Lsn first = wal.record(10);
        WalStreamChecker checker = checker(wal);

        // When
        feedInPieces(checker, wal.bytes(), 1000);

        // Then the first record seen as a whole makes the WAL valid
        assertThat(first.value()).isGreaterThanOrEqualTo(unseenEnd);
        assertThat(checker.validatedEnd()).isEqualTo(wal.lsn());
    }

    @Test
    void knowsWhereTheNewestCheckpointWouldReplayFrom() {
        // Given two checkpoints, the second across a page boundary
        Lsn redo = wal.record(100);
        wal.checkpoint(redo);
        Lsn firstEnd = wal.lsn();
        wal.recordUpTo(32);
        Lsn secondRedo = wal.record(2000);
        wal.recordUpTo(32);
        wal.checkpoint(secondRedo);
        Lsn secondEnd = wal.lsn();
        wal.record(50);
        byte[] bytes = wal.bytes();
        WalStreamChecker checker = checker(wal);

        for (int i = 0; i < bytes.length; i++) {
            // When
            checker.feed(Unpooled.wrappedBuffer(bytes, i, 1));

            // Then it is the redo position of the last one that is complete
            Optional<Lsn> expected = Optional.empty();
            if (!checker.position().isBefore(secondEnd)) {
                expected = Optional.of(secondRedo);
            } else if (!checker.position().isBefore(firstEnd)) {
                expected = Optional.of(redo);
            }
            assertThat(checker.checkpointRedo()).as("byte %d", i).isEqualTo(expected);
        }
    }

    @Test
    void knowsACheckpointThatCameInOnePieceWithRecordsAroundIt() {
        // Given
        Lsn redo = wal.record(100);
        wal.checkpoint(redo);
        wal.record(50);
        WalStreamChecker checker = checker(wal);

        // When
        checker.feed(Unpooled.wrappedBuffer(wal.bytes()));

        // Then
        assertThat(checker.checkpointRedo()).contains(redo);
    }

    @Test
    void vouchesForNothingWhileTheFirstRecordIsUnseen() {
        wal.beginWithin(20_000);
        WalStreamChecker checker = checker(wal);

        checker.feed(Unpooled.wrappedBuffer(wal.bytes(), 0, 15_000));

        assertThat(checker.validatedEnd()).isEqualTo(WalBuilder.START);
        assertThat(checker.isMidRecord()).isTrue();
        assertThat(checker.incompleteRecord()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"PG10", "PG11", "PG18"})
    void countsRestOfSegmentBehindSwitchAsItIsFed(WalPageMagic magic) {
        // Given
        WalBuilder builder = new WalBuilder(magic);
        builder.record(100);
        Lsn switchRecord = builder.switchSegment();
        byte[] bytes = builder.bytes();
        WalStreamChecker checker = checker(builder);
        int behindRecord = (int) switchRecord.minus(WalBuilder.START) + WalRecordHeader.LENGTH;

        // When
        checker.feed(Unpooled.wrappedBuffer(bytes, 0, behindRecord));
        assertThat(checker.validatedEnd()).isEqualTo(switchRecord.plus(WalRecordHeader.LENGTH));
        checker.feed(Unpooled.wrappedBuffer(bytes, behindRecord, 50_000));
        assertThat(checker.validatedEnd()).isEqualTo(checker.position());
        assertThat(checker.isMidRecord()).isFalse();
        int fed = behindRecord + 50_000;
        checker.feed(Unpooled.wrappedBuffer(bytes, fed, bytes.length - fed));

        // Then
        assertThat(checker.validatedEnd()).isEqualTo(WalBuilder.START.plus(WalBuilder.SEGMENT.bytes()));
    }

    @Test
    void goesOnWithOverwrittenContrecord() {
        // Given a record that a crash cut at a page's end, and what the server wrote after its restart
        wal.record(100);
        Lsn complete = wal.lsn();
        Lsn aborted = wal.partOfRecord(20_000, WalFormat.PAGE_SIZE - WalFormat.offsetInPage(wal.position()));
        int cut = wal.size();
        wal.overwriteContrecord().record(40);
        wal.record(50);
        WalStreamChecker checker = checker(wal);

        // When
        checker.feed(Unpooled.wrappedBuffer(wal.bytes(), 0, cut));
        assertThat(checker.incompleteRecord()).contains(aborted);
        assertThat(checker.validatedEnd()).isEqualTo(complete);
        checker.feed(Unpooled.wrappedBuffer(wal.bytes(), cut, wal.size() - cut));

        // Then
        assertThat(checker.validatedEnd()).isEqualTo(wal.lsn());
    }

    @Test
    void acceptsTimelineSwitchWithinSegment() {
        wal.record(10_000);
        wal.timeline(3).record(10_000);

        WalStreamChecker checker = new WalStreamChecker(wal.format(), TimelineId.of(3), WalBuilder.START);
        checker.feed(Unpooled.wrappedBuffer(wal.bytes()));

        assertThat(checker.validatedEnd()).isEqualTo(wal.lsn());
    }

    @Test
    void refusesTimelineThatGoesBackOrIsNotOurs() {
        wal.timeline(3).record(10_000);
        wal.timeline(2).record(10_000);
        refused(wal.bytes(), "out-of-sequence timeline ID 2 (after 3)" + FILE + "1/7FF04000, offset 16384");

        WalBuilder newer = new WalBuilder(WalPageMagic.PG18).timeline(4);
        newer.record(10);
        refused(newer.bytes(), "unexpected timeline ID 4" + FILE + "1/7FF00000, offset 0");
    }

    @Test
    void refusesPageHeaderThatIsNotRight() {
        wal.record(10_000);
        byte[] bytes = wal.bytes();
        int second = WalFormat.PAGE_SIZE;

        refused(with(bytes, 0, 0xD116, 2), "invalid magic number D116" + FILE + "1/7FF00000, offset 0");
        refused(with(bytes, second, 0, 2), "invalid magic number 0000" + FILE + "1/7FF02000, offset 8192");
        refused(with(bytes, second + 2, 0x11, 2), "invalid info bits 0011" + FILE + "1/7FF02000, offset 8192");
        refused(with(bytes, 2, 0, 2), "invalid info bits 0000" + FILE + "1/7FF00000, offset 0");
        refused(
                with(bytes, second + 8, 0x7FE0_2000L | 1L << 32, 8),
                "unexpected pageaddr 1/7FE02000" + FILE + "1/7FF02000, offset 8192");
        refused(
                with(bytes, 24, 1, 8),
                "WAL file is from different database system: WAL file database system identifier is 1,"
                        + " pg_control database system identifier is 7312345678901234567");
        refused(
                with(bytes, 32, 1 << 24, 4),
                "WAL file is from different database system: incorrect segment size in page header");
        refused(
                with(bytes, 36, 4096, 4),
                "WAL file is from different database system: incorrect XLOG_BLCKSZ in page header");
    }

    @Test
    void refusesContinuationThatIsNotRight() {
        Lsn record = wal.record(10_000);
        byte[] bytes = wal.bytes();
        int second = WalFormat.PAGE_SIZE;
        int rest = 10_024 - (WalFormat.PAGE_SIZE - WalPageHeader.LONG_LENGTH);

        refused(with(bytes, second + 2, 0, 2), "there is no contrecord flag at " + record);
        refused(with(bytes, second + 16, 0, 4), "invalid contrecord length 0 (expected " + rest + ") at " + record);
        refused(
                with(bytes, second + 16, -1, 4),
                "invalid contrecord length 4294967295 (expected " + rest + ") at " + record);

        WalBuilder other = new WalBuilder(WalPageMagic.PG18);
        other.recordUpTo(0);
        Lsn next = other.record(8);
        refused(with(other.bytes(), second + 2, 1, 2), "contrecord is requested by " + next);
    }

    @Test
    void refusesRecordThatIsNotRight() {
        wal.record(8);
        Lsn record = wal.record(100);
        byte[] bytes = wal.bytes();
        int at = (int) record.minus(WalBuilder.START);

        refused(with(bytes, at, 0, 4), "invalid record length at " + record + ": expected at least 24, got 0");
        refused(with(bytes, at, 23, 4), "invalid record length at " + record + ": expected at least 24, got 23");
        refused(with(bytes, at + 17, 22, 1), "invalid resource manager ID 22 at " + record);
        refused(with(bytes, at + 8, 0x28, 8), "record with incorrect prev-link 0/28 at " + record);
        for (int i : new int[] {4, 16, 18, 20, 24, 123}) {
            refused(
                    with(bytes, at + i, bytes[at + i] ^ 1, 1),
                    "incorrect resource manager data checksum in record at " + record);
        }
    }

    @Test
    void refusesRecordOfUnknownResourceManagerThoughItsChecksumIsRight() {
        wal.record(8);
        Lsn record = wal.recordOf(22, 100);

        refused(wal.bytes(), "invalid resource manager ID 22 at " + record);
    }

    @Test
    void knowsCustomResourceManagersFrom15On() {
        assertThat(WalPageMagic.PG14.isResourceManager(128)).isFalse();
        assertThat(WalPageMagic.PG15.isResourceManager(128)).isTrue();
        assertThat(WalPageMagic.PG15.isResourceManager(127)).isFalse();
        assertThat(WalPageMagic.PG18.isResourceManager(21)).isTrue();
    }

    @Test
    void refusesFirstRecordWhoseLinkPointsForward() {
        Lsn first = wal.record(8);
        int at = (int) first.minus(WalBuilder.START);

        refused(
                with(wal.bytes(), at + 8, first.value(), 8),
                "record with incorrect prev-link " + first + " at " + first);
    }

    @Test
    void goesOnFromValidatedEndWithOtherWal() {
        // Given WAL that becomes wrong within the second record
        wal.record(100);
        Lsn end = wal.lsn();
        wal.record(9_000);
        byte[] bytes = wal.bytes();
        byte[] broken = with(bytes, WalFormat.PAGE_SIZE, 0, 2);
        WalStreamChecker checker = checker(wal);
        assertThatExceptionOfType(WalFormatException.class)
                .isThrownBy(() -> checker.feed(Unpooled.wrappedBuffer(broken)));
        assertThat(checker.validatedEnd()).isEqualTo(end);
        assertThatIllegalStateException().isThrownBy(() -> checker.feed(Unpooled.wrappedBuffer(bytes)));

        // When
        checker.rewindToValidatedEnd();
        assertThat(checker.position()).isEqualTo(end);
        int from = (int) end.minus(WalBuilder.START);
        checker.feed(Unpooled.wrappedBuffer(bytes, from, bytes.length - from));

        // Then
        assertThat(checker.validatedEnd()).isEqualTo(wal.lsn());
    }

    @Test
    void leavesTheBufferAloneWhateverItsKind() {
        wal.record(10_000);
        ByteBuf direct =
                Unpooled.directBuffer().writeZero(5).writeBytes(wal.bytes()).skipBytes(5);
        WalStreamChecker checker = checker(wal);

        checker.feed(direct);

        assertThat(checker.validatedEnd()).isEqualTo(wal.lsn());
        assertThat(direct.readerIndex()).isEqualTo(5);
        assertThat(direct.release()).isTrue();
    }

    @Test
    void cannotBeginWithinSegment() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WalStreamChecker(wal.format(), TimelineId.FIRST, Lsn.parse("0/100008")));
    }

    private static WalStreamChecker checker(WalBuilder wal) {
        return new WalStreamChecker(wal.format(), TimelineId.of(3), WalBuilder.START);
    }

    private static void feedInPieces(WalStreamChecker checker, byte[] bytes, int most) {
        Random random = new Random(most);
        int piece;
        for (int i = 0; i < bytes.length; i += piece) {
            piece = Math.min(1 + random.nextInt(most), bytes.length - i);
            checker.feed(Unpooled.wrappedBuffer(bytes, i, piece));
        }
    }

    /** Whole and byte by byte. */
    private void refused(byte[] bytes, String message) {
        for (int piece : new int[] {bytes.length, 1}) {
            WalStreamChecker checker = checker(wal);
            assertThatExceptionOfType(WalFormatException.class)
                    .isThrownBy(() -> {
                        for (int i = 0; i < bytes.length; i += piece) {
                            checker.feed(Unpooled.wrappedBuffer(bytes, i, piece));
                        }
                    })
                    .withMessage(message);
        }
    }

    private static byte[] with(byte[] bytes, int offset, long value, int length) {
        byte[] changed = bytes.clone();
        byte[] number = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        System.arraycopy(number, 0, changed, offset, length);
        return changed;
    }
}
