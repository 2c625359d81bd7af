package io.walrelay.replication;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The name of a WAL segment file: timeline, then the segment number in two parts, each eight upper-case hexadecimal
 * digits. The static methods tell the files of a WAL directory apart as PostgreSQL does ({@code xlog_internal.h}).
 *
 * @param timeline the timeline of the file; pages inside may carry an older one up to its switch point
 * @param segmentNumber the segment: its first LSN divided by the segment size
 */
public record WalFileName(TimelineId timeline, long segmentNumber) {
    private static final int TIMELINE_DIGITS = 8;
    private static final int SEGMENT_DIGITS = 24;
    private static final String PARTIAL = ".partial";
    private static final String HISTORY = ".history";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /**
     * Reads the name of a complete segment: exactly 24 upper-case hexadecimal digits.
     *
     * @return empty if {@code name} is none, names timeline 0, or its last part is too large for segments of that size
     */
    public static Optional<WalFileName> parse(String name, WalSegmentSize size) {
        if (!isSegment(name)) {
            return Optional.empty();
        }
        long timeline = HexFormat.fromHexDigitsToLong(name, 0, 8);
        long high = HexFormat.fromHexDigitsToLong(name, 8, 16);
        long low = HexFormat.fromHexDigitsToLong(name, 16, 24);
        if (timeline == 0 || low >= size.segmentsPerXLogId()) {
            return Optional.empty();
        }
        return Optional.of(new WalFileName(TimelineId.of(timeline), high * size.segmentsPerXLogId() + low));
    }

    /** Whether {@code name} has the form of a complete segment's name. */
    public static boolean isSegment(String name) {
        return isUpperHex(name, SEGMENT_DIGITS, "");
    }

    /** Whether {@code name} has the form of an incomplete segment's name, {@code <segment>.partial}. */
    public static boolean isPartial(String name) {
        return isUpperHex(name, SEGMENT_DIGITS, PARTIAL);
    }

    /** Whether {@code name} has the form of a timeline history file's name. */
    public static boolean isHistory(String name) {
        return isUpperHex(name, TIMELINE_DIGITS, HISTORY);
    }

    /** The name of a timeline's history file, such as {@code 00000002.history}. */
    public static String history(TimelineId timeline) {
        return HEX.toHexDigits(timeline.value()) + HISTORY;
    }

    /** The timeline of a history file's name; empty if {@code name} is none. */
    public static Optional<TimelineId> parseHistory(String name) {
        if (!isHistory(name)) {
            return Optional.empty();
        }
        int timeline = HexFormat.fromHexDigits(name, 0, TIMELINE_DIGITS);
        return timeline == 0 ? Optional.empty() : Optional.of(new TimelineId(timeline));
    }

    /** The file's name in a cluster with segments of that size. */
    public String format(WalSegmentSize size) {
        long perId = size.segmentsPerXLogId();
        return HEX.toHexDigits(timeline.value())
                + HEX.toHexDigits((int) (segmentNumber / perId))
                + HEX.toHexDigits((int) (segmentNumber % perId));
    }

    private static boolean isUpperHex(String name, int digits, String suffix) {
        if (name.length() != digits + suffix.length() || !name.endsWith(suffix)) {
            return false;
        }
        for (int i = 0; i < digits; i++) {
            char c = name.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'))) {
                return false;
            }
        }
        return true;
    }
}
