package io.walrelay.proxy.walsender;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SafeEndsTest {
    private final SafeEnds ends = new SafeEnds();

    @Test
    void aPageBoundaryIsAlwaysSafe() {
        assertThat(ends.floor(0x5000)).isEqualTo(0x4000);
        assertThat(ends.floor(0x4000)).isEqualTo(0x4000);
        assertThat(ends.floor(0)).isEqualTo(0);
    }

    @Test
    void theLastPublishedEndUpToTheLimitIsSafe() {
        // Given
        ends.add(0x4100);
        ends.add(0x4200);
        ends.add(0x8100);

        // When / Then
        assertThat(ends.floor(0x40FF)).isEqualTo(0x4000);
        assertThat(ends.floor(0x4100)).isEqualTo(0x4100);
        assertThat(ends.floor(0x41FF)).isEqualTo(0x4100);
        assertThat(ends.floor(0x5FFF)).isEqualTo(0x4200);
        assertThat(ends.floor(0x8050)).isEqualTo(0x8000);
        assertThat(ends.floor(-1)).isEqualTo(-8192);
    }

    @Test
    void oldEndsAreForgottenWhenThereAreMany() {
        // Given
        for (int i = 0; i < 3 * SafeEnds.REMEMBERED; i++) {
            ends.add(0x10010 + i);
        }

        // When / Then
        long last = 0x10010 + 3L * SafeEnds.REMEMBERED - 1;
        assertThat(ends.floor(last + 1)).isEqualTo(last);
        assertThat(ends.floor(last - SafeEnds.REMEMBERED + 1)).isEqualTo(last - SafeEnds.REMEMBERED + 1);
        assertThat(ends.floor(last - SafeEnds.REMEMBERED)).isEqualTo((last - SafeEnds.REMEMBERED) & -8192);
    }

    @Test
    void theEndsOfReplacedWalAreNotSafeAnyMore() {
        // Given
        ends.add(0x4100);
        ends.add(0x4300);

        // When
        ends.takeBack(0x4200);

        // Then
        assertThat(ends.floor(0x4400)).isEqualTo(0x4200);
        ends.add(0x4380);
        assertThat(ends.floor(0x4400)).isEqualTo(0x4380);
    }
}
