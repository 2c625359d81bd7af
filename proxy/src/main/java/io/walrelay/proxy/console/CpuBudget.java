package io.walrelay.proxy.console;

import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What SQL may take of the processors, all statements together: a share of one, of which {@value #SAVED_SECONDS}
 * seconds' worth is saved while it is not used, so that what a person or an exporter asks now and then never waits.
 * Whoever has taken more than there was is to pause until it has come in. Any thread.
 */
public final class CpuBudget {
    /** Enough to load the engine with what has been saved of the default share. */
    private static final int SAVED_SECONDS = 20;

    private final IntSupplier percent;
    private final LongSupplier clock;
    private double credit;
    private long last;

    /**
     * A budget of which nothing has been taken yet.
     *
     * @param percent of one processor, at each moment
     * @param clock nanoseconds, as of {@link System#nanoTime}
     */
    public CpuBudget(IntSupplier percent, LongSupplier clock) {
        this.percent = percent;
        this.clock = clock;
        this.last = clock.getAsLong();
        this.credit = most(share());
    }

    /**
     * Takes CPU time that has been used.
     *
     * @param nanos used since it was taken last; 0 or more
     * @return nanoseconds until all that was taken has come in; 0 if it has
     */
    public synchronized long take(long nanos) {
        double share = share();
        long now = clock.getAsLong();
        credit = Math.min(most(share), credit + (now - last) * share) - nanos;
        last = now;
        return credit < 0 ? (long) (-credit / share) : 0;
    }

    private double share() {
        return percent.getAsInt() / 100.0;
    }

    private static double most(double share) {
        return SAVED_SECONDS * 1e9 * share;
    }
}
