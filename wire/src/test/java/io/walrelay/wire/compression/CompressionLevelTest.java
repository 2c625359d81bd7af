package io.walrelay.wire.compression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompressionLevelTest {
    private long now = 5;
    private long spent = 7;
    private final CompressionLevel level = new CompressionLevel(OptionalInt.empty(), now, spent);

    /** A period in which the link was waited for, and the compressor busy, for so many percent of the time. */
    private int period(CompressionLevel of, int waited, int busy) {
        if (waited > 0) {
            of.linkIsFull(now);
            of.linkTakesMore(now + CompressionLevel.PERIOD * waited / 100);
        }
        now += CompressionLevel.PERIOD;
        spent += CompressionLevel.PERIOD * busy / 100;
        return of.next(now, spent);
    }

    @Test
    void beginsWithTheLowest() {
        assertThat(level.current()).isEqualTo(1);
    }

    @Test
    void triesHarderStepByStepWhileTheLinkIsTheLimit() {
        assertThat(period(level, 90, 5)).isEqualTo(3);
        assertThat(period(level, 90, 10)).isEqualTo(5);
        assertThat(period(level, 90, 10)).isEqualTo(7);
        assertThat(period(level, 90, 10)).isEqualTo(9);
        assertThat(period(level, 90, 10)).isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource({"90,19,5", "90,20,3", "90,50,3", "90,51,1", "49,5,1", "50,5,5", "0,0,1"})
    void weighsTheLinkAgainstTheProcessor(int waited, int busy, int expected) {
        // Given
        period(level, 90, 5);
        // When
        int next = period(level, waited, busy);
        // Then
        assertThat(next).isEqualTo(expected);
    }

    @Test
    void countsALinkThatIsStillFullWhenAPeriodEnds() {
        // Given
        level.linkIsFull(now);
        now += CompressionLevel.PERIOD;
        // When
        int next = level.next(now, spent);
        // Then
        assertThat(next).isEqualTo(3);
        assertThat(period(level, 0, 0)).as("it is full all the time").isEqualTo(5);
    }

    @Test
    void decidesOncePerPeriod() {
        // Given
        level.linkIsFull(now);
        // When
        int next = level.next(now + CompressionLevel.PERIOD - 1, spent);
        // Then
        assertThat(next).isEqualTo(1);
    }

    @Test
    void keepsToTheLevelThatWasAskedFor() {
        // Given
        CompressionLevel fixed = new CompressionLevel(OptionalInt.of(4), now, spent);
        // When
        int next = period(fixed, 100, 0);
        // Then
        assertThat(next).isEqualTo(4);
    }
}
