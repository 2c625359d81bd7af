package io.walrelay.proxy.console.type;

/** A range of major versions as the declared catalogue writes it: {@code 12-}, {@code 10-13}; empty is all. */
public final class Majors {
    /** The last major of a range that has no end. */
    public static final int OPEN = Integer.MAX_VALUE;

    private Majors() {}

    /** First and last. */
    public static int[] parse(String range) {
        if (range.isEmpty()) {
            return new int[] {0, OPEN};
        }
        int dash = range.indexOf('-');
        int since = Integer.parseInt(range.substring(0, dash));
        String until = range.substring(dash + 1);
        // What the oldest known version has, the one before it had too, as far as anybody here can tell.
        return new int[] {since == 10 ? 0 : since, until.isEmpty() ? OPEN : Integer.parseInt(until)};
    }
}
