package io.walrelay.replication;

/**
 * A timeline ID: an unsigned 32-bit number, never 0. Every promotion or point-in-time recovery begins a new timeline;
 * the number alone does not identify its history, since two servers promoted from one parent may pick the same one.
 *
 * <p>Text form is unsigned decimal; ordering is unsigned.
 *
 * @param value the 32 bits; negative where the top bit is set
 * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES">Timelines</a>
 */
public record TimelineId(int value) implements Comparable<TimelineId> {
    /** Timeline 1, on which initdb starts a cluster; the only one without a history file. */
    public static final TimelineId FIRST = new TimelineId(1);

    private static final long MAX_VALUE = 0xFFFF_FFFFL;

    /**
     * A timeline of 32 given bits.
     *
     * @throws IllegalArgumentException if {@code value} is 0
     */
    public TimelineId {
        if (value == 0) {
            throw new IllegalArgumentException("invalid timeline 0");
        }
    }

    /**
     * The timeline of that number.
     *
     * @throws IllegalArgumentException if {@code value} is not in 1..4294967295
     */
    public static TimelineId of(long value) {
        if (value < 1 || value > MAX_VALUE) {
            throw new IllegalArgumentException("invalid timeline " + value);
        }
        return new TimelineId((int) value);
    }

    /**
     * Reads unsigned decimal text: digits only, no sign and no blanks.
     *
     * @throws IllegalArgumentException if {@code text} is not a decimal number in 1..4294967295
     */
    public static TimelineId parse(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 10 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            throw new IllegalArgumentException("invalid timeline \"" + text + "\"");
        }
        return of(Long.parseLong(text));
    }

    /**
     * The number that follows. The next timeline of a server need not be this one: ask its history.
     *
     * @throws IllegalArgumentException behind the last timeline
     */
    public TimelineId next() {
        return of(toLong() + 1);
    }

    /** The number, 1..4294967295. */
    public long toLong() {
        return Integer.toUnsignedLong(value);
    }

    @Override
    public int compareTo(TimelineId other) {
        return Integer.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toUnsignedString(value);
    }
}
