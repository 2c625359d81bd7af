package io.walrelay.replication;

import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * The time in µs since 2000 ({@code TimestampTz}), without an object for each answer, as a {@link Clock} has none but
 * objects to give: that is asked when its last answer is ten milliseconds old, and in between nanoseconds are counted.
 * On one thread.
 */
public final class PgClock implements LongSupplier {
    static final long ASKED_EACH = 10_000_000;

    private static final long NANOS_PER_MICRO = 1_000;

    private final Clock clock;
    private final LongSupplier nanoTime;
    private long asked;
    private long answer;

    /** Counts on from {@code clock} by {@code nanoTime}, which is {@link System#nanoTime} but in a test. */
    public PgClock(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        ask(nanoTime.getAsLong());
    }

    private void ask(long now) {
        asked = now;
        answer = PgTimestamp.now(clock);
    }

    @Override
    public long getAsLong() {
        long now = nanoTime.getAsLong();
        if (now - asked >= ASKED_EACH) {
            ask(now);
        }
        return answer + (now - asked) / NANOS_PER_MICRO;
    }
}
