package io.walrelay.bench.report;

import io.walrelay.bench.figure.Target;
import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
    private Numbers() {}

    /** With three digits or a little more. */
    static String text(double value) {
        double size = Math.abs(value);
        int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** What a target asks for, such as {@code at most 0.50}. */
    static String limit(Target target) {
        return (target.atLeast() ? "at least " : "at most ") + String.format(Locale.ROOT, "%.2f", target.limit());
    }
}
