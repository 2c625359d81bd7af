package io.walrelay.bench.figure;

import java.util.List;

/**
 * The samples of one contender, in the order in which they were taken: the n-th of one series and the n-th of another
 * are a pair.
 *
 * @param contender such as {@code pg_receivewal}
 */
public record Series(String contender, List<Double> samples) {
    /** How the contenders are called that stand for the relay begin with this. */
    public static final String RELAY = "walrelay";

    /** Copies the list. */
    public Series {
        samples = List.copyOf(samples);
    }

    /** Whether this is the relay, or a variant of it. */
    public boolean isRelay() {
        return contender.startsWith(RELAY);
    }

    /** What is told of them. */
    public Summary summary() {
        return Summary.of(samples);
    }
}
