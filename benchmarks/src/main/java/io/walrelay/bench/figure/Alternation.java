package io.walrelay.bench.figure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Measures contenders in turn, every second time in the opposite order: what changes slowly on the machine then hits
 * all of them alike, and so does what one leaves behind for the next.
 */
public final class Alternation {
    private Alternation() {}

    /** Measures one contender once. */
    @FunctionalInterface
    public interface Measurement<C> {
        /** Measures it, as the n-th time from 0 on. */
        void take(C contender, int round) throws Exception;
    }

    /** Measures each contender {@code pairs} times. */
    public static <C> void run(int pairs, List<C> contenders, Measurement<C> measurement) throws Exception {
        List<C> order = new ArrayList<>(contenders);
        for (int round = 0; round < pairs; round++) {
            for (C contender : order) {
                measurement.take(contender, round);
            }
            Collections.reverse(order);
        }
    }
}
