package io.walrelay.replication;

/**
 * The size of a cluster's WAL segments, {@code wal_segment_size}: a power of two from 1 MB to 1 GB. It alone decides
 * which file holds an LSN.
 *
 * @param bytes the size in bytes
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-preset.html">wal_segment_size</a>
 */
public record WalSegmentSize(int bytes) {
    private static final int MB = 1 << 20;
    private static final int GB = 1 << 30;

    /** 16 MB, unless initdb was told otherwise. */
    public static final WalSegmentSize DEFAULT = new WalSegmentSize(16 * MB);

    /**
     * A size in bytes.
     *
     * @throws IllegalArgumentException if {@code bytes} is not a power of two from 1 MB to 1 GB
     */
    public WalSegmentSize {
        if (bytes < MB || bytes > GB || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("invalid WAL segment size (" + bytes
                    + " bytes): the WAL segment size must be a power of two between 1 MB and 1 GB");
        }
    }

    /**
     * Reads what {@code SHOW wal_segment_size} answers, such as {@code 16MB} or {@code 1GB}.
     *
     * @throws IllegalArgumentException if {@code text} is not of that form or no valid size
     */
    public static WalSegmentSize parse(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        String unit = text.substring(digits);
        boolean readable = digits >= 1 && digits <= 4 && (unit.equals("MB") || unit.equals("GB"));
        if (!readable) {
            throw new IllegalArgumentException("WAL segment size could not be parsed: \"" + text + "\"");
        }
        long bytes = Long.parseLong(text, 0, digits, 10) * (unit.equals("MB") ? MB : GB);
        if (bytes > GB) {
            throw new IllegalArgumentException("invalid WAL segment size (" + bytes
                    + " bytes): the WAL segment size must be a power of two between 1 MB and 1 GB");
        }
        return new WalSegmentSize((int) bytes);
    }

    /** The number of the segment that holds the byte at {@code lsn}; unsigned division, never negative. */
    public long segmentNumber(Lsn lsn) {
        return segmentNumber(lsn.value());
    }

    /** The same, of the value of an LSN: for who asks for each message. */
    public long segmentNumber(long lsn) {
        return lsn >>> Integer.numberOfTrailingZeros(bytes);
    }

    /** The first position of segment {@code segmentNumber}. */
    public Lsn start(long segmentNumber) {
        return new Lsn(startValue(segmentNumber));
    }

    /** The value of {@link #start}: for who asks for each message. */
    public long startValue(long segmentNumber) {
        return segmentNumber << Integer.numberOfTrailingZeros(bytes);
    }

    /** The first position of the segment that holds the byte at {@code lsn}. */
    public Lsn segmentStart(Lsn lsn) {
        return new Lsn(lsn.value() & -(long) bytes);
    }

    /** The place of {@code lsn} within its segment, in bytes. */
    public int offset(Lsn lsn) {
        return offset(lsn.value());
    }

    /** The same, of the value of an LSN: for who asks for each message. */
    public int offset(long lsn) {
        return (int) (lsn & (bytes - 1));
    }

    /** Whether a segment begins at {@code lsn}. */
    public boolean isBoundary(Lsn lsn) {
        return offset(lsn) == 0;
    }

    /** Segments per 4 GB of WAL: the base of the last eight digits of a segment's file name. */
    public long segmentsPerXLogId() {
        return (1L << 32) / bytes;
    }

    /** As {@code SHOW wal_segment_size} prints it. */
    @Override
    public String toString() {
        return bytes == GB ? "1GB" : bytes / MB + "MB";
    }
}
