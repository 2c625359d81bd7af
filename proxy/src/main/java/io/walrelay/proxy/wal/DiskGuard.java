package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.Storage;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether there is room for another segment. Where there is none, the relay stops receiving before the disk is full:
 * the upstream's slot holds the WAL, nothing that was acknowledged is touched, and receiving goes on by itself when
 * there is room again. Any thread.
 */
public final class DiskGuard {
    private final Storage storage;
    private final Path directory;
    private final WalSegmentSize segmentSize;
    private final Supplier<Limits> limits;

    /**
     * What the operator allows.
     *
     * @param walBytes the most that pg_wal may hold ({@code wal_disk_limit}); negative for no limit
     * @param freeSegments how many segments must fit into what the file system has left ({@code
     *     replication_halt_segments}); 0 for none
     */
    public record Limits(long walBytes, int freeSegments) {
        /** No limits. */
        public static final Limits NONE = new Limits(-1, 0);
    }

    /** What the relay needs for itself: the segment being received, two behind it, and one to begin. */
    private static final int OWN_SEGMENTS = 4;

    /**
     * Whether what must be kept in any case leaves no room for another segment: then receiving would halt, and never go
     * on by itself.
     *
     * @param keptBytes what is kept for clients whatever they do ({@code wal_keep_size})
     * @return a sentence for people, with a hint what to do; empty if there is room enough
     */
    public static Optional<String> shortfall(Limits allowed, long keptBytes, WalSegmentSize segmentSize) {
        long needed = keptBytes + (long) OWN_SEGMENTS * segmentSize.bytes();
        if (allowed.walBytes < 0 || allowed.walBytes >= needed) {
            return Optional.empty();
        }
        return Optional.of("\"wal_disk_limit\" must be at least \"wal_keep_size\" and four times \"wal_segment_size\""
                + "\nDETAIL:  With " + megabytes(allowed.walBytes) + " and WAL segments of "
                + megabytes(segmentSize.bytes()) + ", receiving of WAL may halt for good."
                + "\nHINT:  Set wal_disk_limit to " + megabytes(needed) + " or more, or lower wal_keep_size.");
    }

    DiskGuard(Storage storage, Path directory, WalSegmentSize segmentSize, Supplier<Limits> limits) {
        this.storage = storage;
        this.directory = directory;
        this.segmentSize = segmentSize;
        this.limits = limits;
    }

    /** Why another segment must not be begun, in a sentence for the log; empty if it may be. */
    public Optional<String> refusal() throws IOException {
        Limits allowed = limits.get();
        Taken taken = taken();
        if (allowed.walBytes >= 0) {
            long held = taken.segments;
            if (held + segmentSize.bytes() > allowed.walBytes) {
                return Optional.of(
                        "pg_wal holds " + megabytes(held) + ", wal_disk_limit allows " + megabytes(allowed.walBytes));
            }
        }
        long free = storage.usableSpace(directory);
        long kept = kept(allowed);
        if (free < Math.max(kept, segmentSize.bytes()) - taken.spares) {
            // Whatever is allowed, a segment that does not fit cannot be begun.
            return Optional.of("the file system of pg_wal has " + megabytes(free) + " left, "
                    + (kept > 0
                            ? "replication_halt_segments keeps free " + megabytes(kept)
                            : "a segment takes " + megabytes(segmentSize.bytes())));
        }
        return Optional.empty();
    }

    /** Bytes that the segments take. */
    public long walBytes() throws IOException {
        return taken().segments;
    }

    /** Bytes that the file system has left. */
    public long freeBytes() throws IOException {
        return storage.usableSpace(directory);
    }

    /** Whether a file may be made for a segment to come, that is not needed yet. */
    boolean hasRoomForSpare() throws IOException {
        Limits allowed = limits.get();
        Taken taken = taken();
        return !isBeyond(allowed, taken.segments + taken.spares + segmentSize.bytes())
                && storage.usableSpace(directory) - segmentSize.bytes() >= Math.max(kept(allowed), segmentSize.bytes());
    }

    /** Whether more is taken than is allowed, or less is left, with the files for segments to come counted. */
    boolean isExceeded() throws IOException {
        Limits allowed = limits.get();
        Taken taken = taken();
        return isBeyond(allowed, taken.segments + taken.spares)
                || storage.usableSpace(directory) < Math.max(kept(allowed), segmentSize.bytes());
    }

    private static boolean isBeyond(Limits allowed, long bytes) {
        return allowed.walBytes >= 0 && bytes > allowed.walBytes;
    }

    private long kept(Limits allowed) {
        return (long) allowed.freeSegments * segmentSize.bytes();
    }

    /** Bytes of segments, and of files for segments to come: these are as good as free, for they go first. */
    private record Taken(long segments, long spares) {}

    private Taken taken() throws IOException {
        long segments = 0;
        long spares = 0;
        for (String entry : storage.list(directory)) {
            if (WalDirectory.isSegmentFile(entry)) {
                segments += segmentSize.bytes();
            } else if (SpareSegments.isSpare(entry)) {
                spares += segmentSize.bytes();
            }
        }
        return new Taken(segments, spares);
    }

    private static String megabytes(long bytes) {
        return (bytes >> 20) + " MB";
    }
}
