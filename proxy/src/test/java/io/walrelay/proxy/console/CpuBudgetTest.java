package io.walrelay.proxy.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CpuBudgetTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long now = 5;
    private int percent = 10;
    private final CpuBudget budget = new CpuBudget(() -> percent, () -> now);

    @Test
    void whatIsSavedIsFree() {
        assertThat(budget.take(2 * SECOND)).isZero();
    }

    @Test
    void whatWasTakenTooMuchIsWaitedForUntilItHasComeIn() {
        // When
        long owed = budget.take(2 * SECOND + SECOND / 10);

        // Then
        assertThat(owed).isEqualTo(SECOND);
        now += owed;
        assertThat(budget.take(0)).isZero();
        assertThat(budget.take(1)).isPositive();
    }

    @Test
    void noMoreIsSavedThanTwentySecondsBring() {
        // Given
        now += 3600 * SECOND;

        // Then
        assertThat(budget.take(2 * SECOND)).isZero();
        assertThat(budget.take(SECOND / 10)).isEqualTo(SECOND);
    }

    @Test
    void whatIsTakenInSmallPiecesCountsAsMuch() {
        // Given
        budget.take(2 * SECOND);

        // When
        long owed = 0;
        for (int i = 0; i < 100; i++) {
            owed = budget.take(SECOND / 1000);
        }

        // Then
        assertThat(owed).isEqualTo(SECOND);
    }

    @Test
    void aLargerShareCountsFromNowOn() {
        // Given
        budget.take(3 * SECOND);

        // When
        percent = 100;

        // Then
        assertThat(budget.take(0)).isEqualTo(SECOND);
    }
}
