package io.walrelay.proxy.console.engine;

import java.time.Duration;

/**
 * What one statement may take.
 *
 * @param time longest, whatever statement_timeout says
 * @param allocatedBytes most that it may allocate, and so hold, while it runs
 * @param heldBytes most that the results of all sessions may hold together
 * @param rows most that it may give
 */
public record Limits(Duration time, long allocatedBytes, long heldBytes, int rows) {
    /** Enough for every view there is, and little beside the smallest heap that a relay runs with. */
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(30), 64L << 20, 96L << 20, 100_000);
}
