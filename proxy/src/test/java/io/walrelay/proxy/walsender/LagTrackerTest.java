package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.walsender.LagTracker.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.walsender.LagTracker.Head;
import org.junit.jupiter.api.Test;

class LagTrackerTest {
    private final LagTracker tracker = new LagTracker();

    @Test
    void thereIsNoLagBeforeAnythingWasSent() {
        assertThat(read(Head.WRITE, 100, 5000)).isEqualTo(NONE);
    }

    @Test
    void theLagIsTheTimeSinceTheReportedPositionBecameKnown() {
        // Given
        record(100, 1000);

        // When / Then
        assertThat(read(Head.WRITE, 100, 1500)).isEqualTo(500);
    }

    @Test
    void ofSeveralPositionsTheLastOneReachedCounts() {
        // Given
        record(100, 1000);
        record(200, 2000);
        record(300, 3000);

        // When / Then
        assertThat(read(Head.FLUSH, 250, 3500)).isEqualTo(1500);
    }

    @Test
    void eachKindOfPositionIsMeasuredByItself() {
        // Given
        record(100, 1000);

        // When / Then
        assertThat(read(Head.WRITE, 100, 1100)).isEqualTo(100);
        assertThat(read(Head.FLUSH, 100, 1200)).isEqualTo(200);
        assertThat(read(Head.APPLY, 100, 1300)).isEqualTo(300);
    }

    @Test
    void whatWasConfirmedIsNotMeasuredTwice() {
        // Given
        record(100, 1000);
        read(Head.WRITE, 100, 1500);

        // When / Then
        assertThat(read(Head.WRITE, 100, 9000)).isEqualTo(NONE);
    }

    @Test
    void aPositionThatStandsBetweenTwoSamplesHasALagThatGrows() {
        // Given
        record(100, 1000);
        record(200, 2000);
        read(Head.APPLY, 100, 2500);

        // When / Then
        assertThat(read(Head.APPLY, 150, 3000)).isEqualTo(1500);
        assertThat(read(Head.APPLY, 150, 4000)).isEqualTo(2500);
    }

    @Test
    void aClientThatHasConfirmedNothingYetIsMeasuredAgainstTheFirstSample() {
        // Given
        record(100, 1000);

        // When / Then
        assertThat(read(Head.APPLY, 50, 1700)).isEqualTo(700);
    }

    @Test
    void theLastSampleBeforeAPauseIsForgotten() {
        // Given: all is confirmed, then there is a pause
        record(100, 1000);
        read(Head.APPLY, 100, 1001);
        record(200, 100_000);

        // When / Then: not interpolated from the time before the pause
        assertThat(read(Head.APPLY, 150, 100_010)).isEqualTo(10);
    }

    @Test
    void theSamePositionIsRecordedOnce() {
        // Given
        record(100, 1000);
        record(100, 2000);

        // When / Then
        assertThat(read(Head.WRITE, 100, 2500)).isEqualTo(1500);
    }

    @Test
    void nothingIsMeasuredWhenTheClockWentBack() {
        // Given
        record(100, 1000);

        // When / Then
        assertThat(read(Head.WRITE, 100, 900)).isEqualTo(NONE);
    }

    @Test
    void nothingIsMeasuredBetweenSamplesWhoseTimesGoBack() {
        // Given
        record(100, 2000);
        record(200, 1000);
        read(Head.WRITE, 100, 2000);

        // When / Then
        assertThat(read(Head.WRITE, 150, 3000)).isEqualTo(NONE);
    }

    @Test
    void nothingIsMeasuredForAPositionThatGoesBack() {
        // Given
        record(100, 1000);
        record(200, 2000);
        read(Head.WRITE, 100, 2000);

        // When / Then
        assertThat(read(Head.WRITE, 50, 3000)).isEqualTo(NONE);
    }

    @Test
    void aFullBufferKeepsTheSampleOfAReaderThatItOvertakes() {
        // Given: the write position keeps up, the apply position stands
        int samples = 3 * LagTracker.BUFFER_SIZE;
        for (int i = 1; i <= samples; i++) {
            record(i, 10L * i);
            read(Head.WRITE, i, 10L * i);
        }

        // When / Then: 8191 samples fit; the first one that did not have room is kept
        long now = 10L * samples;
        assertThat(read(Head.APPLY, 0, now)).isEqualTo(now - 10);
        assertThat(read(Head.WRITE, samples, now)).isEqualTo(NONE);
    }

    @Test
    void aReaderThatWasOvertakenGoesOnWithTheOldestSampleInTheBuffer() {
        // Given
        int samples = 2 * LagTracker.BUFFER_SIZE;
        for (int i = 1; i <= samples; i++) {
            record(i, 10L * i);
        }
        long now = 10L * samples;
        int oldest = samples - LagTracker.BUFFER_SIZE + 2;

        // When / Then: at the sample aside, between it and the buffer, and in the buffer
        assertThat(read(Head.APPLY, 1, now)).isEqualTo(now - 10);
        assertThat(read(Head.APPLY, oldest, now)).isEqualTo(now - 10L * oldest);
        assertThat(read(Head.APPLY, samples, now)).isZero();
    }

    @Test
    void positionsAreComparedWithoutSign() {
        // Given
        record(Long.MAX_VALUE, 1000);
        record(Long.MIN_VALUE, 2000);

        // When / Then
        assertThat(read(Head.WRITE, Long.MAX_VALUE, 3000)).isEqualTo(2000);
        assertThat(read(Head.WRITE, Long.MIN_VALUE, 3000)).isEqualTo(1000);
    }

    private void record(long lsn, long now) {
        tracker.record(lsn, now);
    }

    private long read(Head head, long lsn, long now) {
        return tracker.read(head, lsn, now);
    }
}
