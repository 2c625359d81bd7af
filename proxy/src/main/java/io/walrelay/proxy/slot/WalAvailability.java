package io.walrelay.proxy.slot;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalSegmentSize;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether the WAL that a slot wants is there, and for how long: {@code wal_status} and {@code safe_wal_size} of
 * {@code pg_replication_slots}. A pure function of positions and settings. Mirrors {@code GetWALAvailability} of
 * {@code xlog.c} and {@code pg_get_replication_slots} of {@code slotfuncs.c}.
 *
 * @param status empty for a slot that reserves nothing
 * @param safeBytes how much WAL may still come before the slot is in danger of losing some; empty where nothing limits
 *     it, or it is lost
 */
public record WalAvailability(Optional<Status> status, OptionalLong safeBytes) {
    /** From best to worst. */
    public enum Status {
        /** Within {@code max_wal_size}. */
        RESERVED,
        /** Beyond it, and kept for the slot or by {@code wal_keep_size}. */
        EXTENDED,
        /** There, but the next removal may take it. */
        UNRESERVED,
        /** Gone, at least in part. */
        LOST
    }

    /**
     * Where the WAL is, and what is kept of it.
     *
     * @param current the end of the WAL
     * @param oldest where the oldest segment begins that is here
     * @param oldestWanted by any slot that is not invalidated
     * @param keepSize {@code wal_keep_size}, in bytes
     * @param slotKeepSize {@code max_slot_wal_keep_size}, in bytes; negative for no limit
     * @param maxWalSize {@code max_wal_size}, in bytes
     */
    public record Wal(
            WalSegmentSize size,
            Lsn current,
            Lsn oldest,
            Optional<Lsn> oldestWanted,
            long keepSize,
            long slotKeepSize,
            long maxWalSize) {
        private long segments(long bytes) {
            return bytes / size.bytes();
        }

        private long currentSegment() {
            return size.segmentNumber(current);
        }

        /** The oldest segment that is kept, as {@code KeepLogSeg} has it. */
        private long keptFrom() {
            long now = currentSegment();
            long from = oldestWanted
                    .filter(wanted -> wanted.isBefore(current))
                    .map(size::segmentNumber)
                    .orElse(now);
            if (slotKeepSize >= 0) {
                from = Math.max(from, now - segments(slotKeepSize));
            }
            return Math.max(0, Math.min(from, now - segments(keepSize)));
        }

        private Status of(Lsn wanted) {
            long segment = size.segmentNumber(wanted);
            if (segment >= keptFrom()) {
                return segment >= currentSegment() - segments(maxWalSize) - 1 ? Status.RESERVED : Status.EXTENDED;
            }
            return segment >= size.segmentNumber(oldest) ? Status.UNRESERVED : Status.LOST;
        }

        private long safe(Lsn wanted) {
            long failing = size.segmentNumber(wanted) + Math.max(segments(slotKeepSize), segments(keepSize)) + 1;
            return size.start(failing).minus(current);
        }
    }

    /**
     * What there is for one slot.
     *
     * @param restart its restart_lsn; 0/0 if it has none
     * @param active whether a session uses it: that may still have the WAL that is gone
     */
    public static WalAvailability of(Wal wal, Lsn restart, boolean invalidated, boolean active) {
        if (!invalidated && !restart.isValid()) {
            return new WalAvailability(Optional.empty(), OptionalLong.empty());
        }
        Status status = invalidated ? Status.LOST : wal.of(restart);
        if (status == Status.LOST && active && restart.isValid()) {
            status = Status.UNRESERVED;
        }
        boolean limited = status != Status.LOST && wal.slotKeepSize >= 0;
        return new WalAvailability(
                Optional.of(status), limited ? OptionalLong.of(wal.safe(restart)) : OptionalLong.empty());
    }
}
