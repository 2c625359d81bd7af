package io.walrelay.it.support;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The major versions of PostgreSQL that walrelay supports. */
public final class Majors {
    /** The oldest. */
    public static final int OLDEST = 10;

    /** The newest. */
    public static final int NEWEST = 18;

    private Majors() {}

    /**
     * All of them, or those that the system property {@code majors} names ({@code -Dmajors=15,18}): a way to shorten a
     * run by hand.
     */
    public static IntStream all() {
        String chosen = System.getProperty("majors", "");
        return chosen.isEmpty()
                ? IntStream.rangeClosed(OLDEST, NEWEST)
                : IntStream.of(Arrays.stream(chosen.split(","))
                        .mapToInt(Integer::parseInt)
                        .toArray());
    }
}
