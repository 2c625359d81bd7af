package io.walrelay.replication.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.replication.Lsn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WalHeaderTest {
    private final WalBuilder wal = new WalBuilder(WalPageMagic.PG15).timeline(2);

    @ParameterizedTest
    @CsvSource({"10,D097", "11,D098", "12,D101", "13,D106", "14,D10D", "15,D110", "16,D113", "17,D116", "18,D118"})
    void knowsTheMagicOfEveryMajor(int major, String magic) {
        WalPageMagic found = WalPageMagic.ofMajor(major).orElseThrow();

        assertThat(found.value()).isEqualTo(Integer.parseInt(magic, 16));
        assertThat(found.major()).isEqualTo(major);
        assertThat(WalPageMagic.of(found.value())).contains(found);
    }

    @Test
    void knowsNoOtherMagic() {
        assertThat(WalPageMagic.of(0)).isEmpty();
        assertThat(WalPageMagic.ofMajor(9)).isEmpty();
        assertThat(WalPageMagic.ofMajor(19)).isEmpty();
    }

    @Test
    void readsHeadersOfPagesAndRecords() {
        // Given
        Lsn record = wal.record(10_000);
        ByteBuf bytes = Unpooled.wrappedBuffer(wal.bytes());

        // When
        WalPageHeader first = new WalPageHeader().read(bytes, 0);
        WalPageHeader second = new WalPageHeader().read(bytes, WalFormat.PAGE_SIZE);
        WalRecordHeader header = new WalRecordHeader().read(bytes, WalPageHeader.LONG_LENGTH);

        // Then
        assertThat(first.magic()).isEqualTo(WalPageMagic.PG15.value());
        assertThat(first.isLong()).isTrue();
        assertThat(first.length()).isEqualTo(WalPageHeader.LONG_LENGTH);
        assertThat(first.timeline()).isEqualTo(2);
        assertThat(first.pageAddress()).isEqualTo(WalBuilder.START);
        assertThat(first.systemIdentifier()).isEqualTo(WalBuilder.SYSTEM);
        assertThat(first.segmentSize()).isEqualTo(WalBuilder.SEGMENT.bytes());
        assertThat(first.pageSize()).isEqualTo(WalFormat.PAGE_SIZE);
        assertThat(first.firstIsContinued()).isFalse();
        assertThat(second.isLong()).isFalse();
        assertThat(second.firstIsContinued()).isTrue();
        assertThat(second.firstIsOverwritten()).isFalse();
        assertThat(second.remainingLength()).isEqualTo(10_024 - (WalFormat.PAGE_SIZE - WalPageHeader.LONG_LENGTH));
        assertThat(header.totalLength()).isEqualTo(10_024);
        assertThat(header.transactionId()).isEqualTo(731);
        assertThat(header.previous().isBefore(record)).isTrue();
        assertThat(header.resourceManager()).isEqualTo(10);
        assertThat(header.info()).isZero();
        assertThat(header.isSwitch()).isFalse();
    }

    @Test
    void refusesBufferThatDoesNotHoldTheWholeHeader() {
        wal.record(100);
        ByteBuf bytes = Unpooled.wrappedBuffer(wal.bytes()).writerIndex(WalPageHeader.LONG_LENGTH - 1);

        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> new WalPageHeader().read(bytes, 0));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> new WalRecordHeader().read(bytes, WalPageHeader.LONG_LENGTH));
    }
}
