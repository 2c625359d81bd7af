package io.walrelay.replication;

import java.util.Locale;

/**
 * A position in the write-ahead log: an unsigned 64-bit byte offset, as PostgreSQL's {@code pg_lsn} ({@code
 * XLogRecPtr}).
 *
 * <p>Text form is {@code %X/%X}: the upper and the lower 32 bits in hexadecimal, without leading zeros.
 * Comparison is unsigned: {@code FFFFFFFF/FFFFFFFF} is the greatest. {@code 0/0} means "no position".
 *
 * @param value the 64 bits; negative where the top bit is set
 * @see <a href="https://www.postgresql.org/docs/current/datatype-pg-lsn.html">pg_lsn type</a>
 */
public record Lsn(long value) implements Comparable<Lsn> {
    /** {@code 0/0}, PostgreSQL's {@code InvalidXLogRecPtr}: no position. */
    public static final Lsn INVALID = new Lsn(0);

    /**
     * Reads the text form strictly: one to eight hexadecimal digits, a slash, one to eight hexadecimal digits.
     *
     * @throws IllegalArgumentException with PostgreSQL's words if {@code text} is not of that form
     */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (!isHalf(text, 0, slash) || !isHalf(text, slash + 1, text.length())) {
            throw new IllegalArgumentException("invalid input syntax for type pg_lsn: \"" + text + "\"");
        }
        long high = Long.parseUnsignedLong(text, 0, slash, 16);
        long low = Long.parseUnsignedLong(text, slash + 1, text.length(), 16);
        return new Lsn((high << 32) | low);
    }

    private static boolean isHalf(String text, int from, int to) {
        if (to - from < 1 || to - from > 8) {
            return false;
        }
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c > 'f' || Character.digit(c, 16) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether this is a position at all, that is, not {@code 0/0}. */
    public boolean isValid() {
        return value != 0;
    }

    /** The position {@code bytes} further on (or back, if negative). */
    public Lsn plus(long bytes) {
        return new Lsn(value + bytes);
    }

    /** Bytes from {@code earlier} to this position; negative if {@code earlier} is in truth later. */
    public long minus(Lsn earlier) {
        return value - earlier.value;
    }

    /** Whether this position lies before {@code other}. */
    public boolean isBefore(Lsn other) {
        return compareTo(other) < 0;
    }

    /** Whether this position lies behind {@code other}. */
    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    /** The earlier of two positions. */
    public static Lsn min(Lsn a, Lsn b) {
        return a.isBefore(b) ? a : b;
    }

    /** The later of two positions. */
    public static Lsn max(Lsn a, Lsn b) {
        return a.isBefore(b) ? b : a;
    }

    /** The earlier of two positions, by their values. */
    public static long min(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }

    /** The later of two positions, by their values. */
    public static long max(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? b : a;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toHexString(value >>> 32).toUpperCase(Locale.ROOT)
                + '/'
                + Long.toHexString(value & 0xFFFF_FFFFL).toUpperCase(Locale.ROOT);
    }
}
