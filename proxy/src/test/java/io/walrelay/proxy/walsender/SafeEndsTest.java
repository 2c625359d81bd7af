package io.walrelay.proxy.walsender;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.Lsn;
import org.junit.jupiter.api.Test;

class SafeEndsTest {
    private final SafeEnds ends = new SafeEnds();

    @Test
    void aPageBoundaryIsAlwaysSafe() {
        assertThat(ends.floor(new Lsn(0x5000))).isEqualTo(new Lsn(0x4000));
        assertThat(ends.floor(new Lsn(0x4000))).isEqualTo(new Lsn(0x4000));
        assertThat(ends.floor(Lsn.INVALID)).isEqualTo(Lsn.INVALID);
    }

    @Test
    void theLastPublishedEndUpToTheLimitIsSafe() {
        // Given
        ends.add(new Lsn(0x4100));
        ends.add(new Lsn(0x4200));
        ends.add(new Lsn(0x8100));

        // When / Then
        assertThat(ends.floor(new Lsn(0x40FF))).isEqualTo(new Lsn(0x4000));
        assertThat(ends.floor(new Lsn(0x4100))).isEqualTo(new Lsn(0x4100));
        assertThat(ends.floor(new Lsn(0x41FF))).isEqualTo(new Lsn(0x4100));
        assertThat(ends.floor(new Lsn(0x5FFF))).isEqualTo(new Lsn(0x4200));
        assertThat(ends.floor(new Lsn(0x8050))).isEqualTo(new Lsn(0x8000));
        assertThat(ends.floor(new Lsn(-1))).isEqualTo(new Lsn(-8192));
    }

    @Test
    void oldEndsAreForgottenWhenThereAreMany() {
        // Given
        for (int i = 0; i < 3 * SafeEnds.REMEMBERED; i++) {
            ends.add(new Lsn(0x10010 + i));
        }

        // When / Then
        long last = 0x10010 + 3L * SafeEnds.REMEMBERED - 1;
        assertThat(ends.floor(new Lsn(last + 1))).isEqualTo(new Lsn(last));
        assertThat(ends.floor(new Lsn(last - SafeEnds.REMEMBERED + 1)))
                .isEqualTo(new Lsn(last - SafeEnds.REMEMBERED + 1));
        assertThat(ends.floor(new Lsn(last - SafeEnds.REMEMBERED)))
                .isEqualTo(new Lsn((last - SafeEnds.REMEMBERED) & -8192));
    }

    @Test
    void theEndsOfReplacedWalAreNotSafeAnyMore() {
        // Given
        ends.add(new Lsn(0x4100));
        ends.add(new Lsn(0x4300));

        // When
        ends.takeBack(new Lsn(0x4200));

        // Then
        assertThat(ends.floor(new Lsn(0x4400))).isEqualTo(new Lsn(0x4200));
        ends.add(new Lsn(0x4380));
        assertThat(ends.floor(new Lsn(0x4400))).isEqualTo(new Lsn(0x4380));
    }
}
