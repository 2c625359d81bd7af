package io.walrelay.wire.compression;

import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * Which level of zstd to compress with: the one that was asked for, or, where none was, the higher the longer the
 * stream waits for the link, as long as the compressor does not become the limit itself. Looks at one period after the
 * other. On the connection's event loop; times are those of {@link System#nanoTime}.
 */
final class CompressionLevel {
    /** The first is where zstd's effort pays best. From one step to the next the effort about doubles. */
    private static final int[] LADDER = {1, 3, 5, 7, CompressionOption.MAX_LEVEL};

    static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    /** A link that is waited for less than this share of the time is not what limits the stream. */
    private static final double LINK_IS_THE_LIMIT = 0.5;

    /** With a share of the time below this, there is room for twice the effort. */
    private static final double IDLE = 0.2;

    /** More of an event loop's time than this is not for one client. */
    private static final double BUSY = 0.5;

    private final OptionalInt fixed;
    private int step;
    private long since;
    private long spentBefore;
    private long waiting;
    private long waitingSince;
    private Link link = Link.TAKES_MORE;

    private enum Link {
        TAKES_MORE,
        IS_FULL
    }

    /**
     * Begins with the lowest.
     *
     * @param fixed the only level, if there is to be only one
     * @param spent on compressing before
     */
    CompressionLevel(OptionalInt fixed, long now, long spent) {
        this.fixed = fixed;
        this.since = now;
        this.spentBefore = spent;
    }

    int current() {
        return fixed.orElse(LADDER[step]);
    }

    /** The link takes no more for now. */
    void linkIsFull(long now) {
        if (link == Link.TAKES_MORE) {
            link = Link.IS_FULL;
            waitingSince = now;
        }
    }

    /** The link takes more again. */
    void linkTakesMore(long now) {
        if (link == Link.IS_FULL) {
            link = Link.TAKES_MORE;
            waiting += now - waitingSince;
        }
    }

    /**
     * The level from now on.
     *
     * @param spent on compressing by now, in all
     */
    int next(long now, long spent) {
        long period = now - since;
        if (period >= PERIOD) {
            if (link == Link.IS_FULL) {
                waiting += now - waitingSince;
                waitingSince = now;
            }
            step = next((double) waiting / period, (double) (spent - spentBefore) / period);
            since = now;
            waiting = 0;
            spentBefore = spent;
        }
        return current();
    }

    private int next(double waited, double busy) {
        if (waited < LINK_IS_THE_LIMIT || busy > BUSY) {
            return Math.max(step - 1, 0);
        }
        return busy < IDLE ? Math.min(step + 1, LADDER.length - 1) : step;
    }
}
