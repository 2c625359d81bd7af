package io.walrelay.proxy.walreceiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalSegmentSize;
import org.junit.jupiter.api.Test;

final class ReceivedAgainTest {
    private static final Lsn SEGMENT = Lsn.parse("7/80000000");

    @Test
    void theSegmentThatIsBeingReceivedIsAskedForFromItsStart() {
        assertThat(ReceivedAgain.from(SEGMENT.plus(12_345), WalSegmentSize.DEFAULT))
                .isEqualTo(SEGMENT);
        assertThat(ReceivedAgain.from(SEGMENT.plus((16 << 20) - 8), WalSegmentSize.DEFAULT))
                .isEqualTo(SEGMENT);
    }

    @Test
    void nothingIsAskedForTwiceAtTheStartOfASegment() {
        assertThat(ReceivedAgain.from(SEGMENT, WalSegmentSize.DEFAULT)).isEqualTo(SEGMENT);
    }

    @Test
    void noMoreThanSixteenMegabytesAndAPageOfALargeSegmentAreAskedForTwice() {
        // Given
        WalSegmentSize size = new WalSegmentSize(1 << 30);
        Lsn end = SEGMENT.plus(100_000_001);

        // When
        Lsn from = ReceivedAgain.from(end, size);

        // Then
        assertThat(from.value() % 8192).isZero();
        assertThat(end.minus(from)).isBetween(16L << 20, (16L << 20) + 8192);
    }
}
