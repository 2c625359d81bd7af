package io.walrelay.proxy.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.wal.Retention.Hold;
import io.walrelay.replication.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RetentionTest {
    private static final Lsn END = Lsn.parse("1/80000000");

    @Test
    void whatHoldsMostDecidesAndComesFirst() {
        Hold slot = new Hold("replication slot \"a\"", Lsn.parse("1/7000000"));
        Hold checkpoint = new Hold("last checkpoint", Lsn.parse("1/80000000"));

        Retention retention = new Retention(List.of(checkpoint, slot));

        assertThat(retention.horizon()).contains(slot.from());
        assertThat(retention.holds()).containsExactly(slot, checkpoint);
    }

    @Test
    void positionsCompareUnsigned() {
        Hold high = new Hold("high", Lsn.parse("FFFFFFFF/0"));
        Hold low = new Hold("low", Lsn.parse("0/1"));

        assertThat(new Retention(List.of(high, low)).horizon()).contains(low.from());
    }

    @Test
    void nothingMayGoWhereNothingIsKnown() {
        assertThat(new Retention(List.of()).horizon()).isEmpty();
    }

    @Test
    void keepSizeCountsBackFromTheEnd() {
        assertThat(Retention.keepSize(END, 0x1000).from()).isEqualTo(Lsn.parse("1/7FFFF000"));
        assertThat(Retention.keepSize(END, 0).from()).isEqualTo(END);
    }

    @Test
    void keepSizeOfMoreThanThereIsKeepsAll() {
        assertThat(Retention.keepSize(Lsn.parse("0/2000000"), Long.MAX_VALUE).from())
                .isEqualTo(Lsn.parse("0/1"));
    }
}
