package io.walrelay.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** The time that is counted on from what a clock has said. */
final class PgClockTest {
    private static final Instant BEGUN = Instant.parse("2024-05-01T10:00:00Z");

    private Instant time = BEGUN;
    private long nanos = -5;
    private final PgClock clock = new PgClock(new Told(), () -> nanos);

    /** Says what the test wants it to. */
    private final class Told extends Clock {
        @Override
        public Instant instant() {
            return time;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @Test
    void theTimeGoesOnWithoutTheClockBeingAsked() {
        // When
        time = Instant.EPOCH;
        nanos += PgClock.ASKED_EACH - 1;

        // Then
        assertThat(clock.getAsLong()).isEqualTo(PgTimestamp.fromInstant(BEGUN) + 9_999);
    }

    @Test
    void theClockIsAskedAgainAfterTenMilliseconds() {
        // When
        time = BEGUN.plusSeconds(-3600);
        nanos += PgClock.ASKED_EACH;

        // Then
        assertThat(clock.getAsLong()).isEqualTo(PgTimestamp.fromInstant(time));
    }
}
