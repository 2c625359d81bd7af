package io.walrelay.replication;

import java.time.Clock;
import java.time.Instant;

/**
 * Times as PostgreSQL sends them ({@code TimestampTz}): microseconds since 2000-01-01 00:00:00 UTC, as a bare
 * {@code long} so that the stream's hot path allocates nothing.
 */
public final class PgTimestamp {
    /** 2000-01-01 00:00:00 UTC in seconds of the Unix epoch. */
    private static final long EPOCH_SECONDS = 946_684_800L;

    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long NANOS_PER_MICRO = 1_000L;

    private PgTimestamp() {}

    /** The time of {@code clock}, in microseconds since 2000. */
    public static long now(Clock clock) {
        return fromInstant(clock.instant());
    }

    /** The instant of a time in microseconds since 2000; every {@code long} has one. */
    public static Instant toInstant(long micros) {
        return Instant.ofEpochSecond(
                EPOCH_SECONDS + Math.floorDiv(micros, MICROS_PER_SECOND),
                Math.floorMod(micros, MICROS_PER_SECOND) * NANOS_PER_MICRO);
    }

    /**
     * Microseconds since 2000 of an instant; parts of a microsecond are dropped towards the past.
     *
     * @throws ArithmeticException if the instant is more than 292,000 years away
     */
    public static long fromInstant(Instant instant) {
        long seconds = Math.subtractExact(instant.getEpochSecond(), EPOCH_SECONDS);
        return Math.addExact(Math.multiplyExact(seconds, MICROS_PER_SECOND), instant.getNano() / NANOS_PER_MICRO);
    }
}
