package io.walrelay.proxy.wal;

import io.walrelay.proxy.wal.WalDirectory.StoredSegment;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.util.Optional;

/** Which segments are needed no more: those before a position that belong to the current history, and to no other. */
final class ObsoleteSegments {
    private final WalDirectory directory;
    private final WalSegmentSize segmentSize;

    ObsoleteSegments(WalDirectory directory) {
        this.directory = directory;
        this.segmentSize = directory.segmentSize();
    }

    /**
     * Removes the segments before a position that belong to this history. What was received beyond a switch point, and
     * is part of no history any more, stays.
     *
     * @return how many were removed
     */
    int removeBefore(Lsn position, TimelineHistory history) throws IOException {
        long keep = segmentSize.segmentNumber(position);
        int removed = 0;
        for (StoredSegment segment : directory.segments()) {
            if (isObsolete(segment, keep, history)) {
                directory.recycle(segment);
                removed++;
            }
        }
        return removed;
    }

    private boolean isObsolete(StoredSegment segment, long keep, TimelineHistory history) throws IOException {
        WalFileName name = segment.name();
        boolean before = Long.compareUnsigned(name.segmentNumber(), keep) < 0;
        if (!before || !history.contains(name.timeline())) {
            return false;
        }
        Optional<Lsn> switchPoint = history.switchPoint(name.timeline());
        return switchPoint.isEmpty() || !holdsWalBehind(segment, switchPoint.get());
    }

    /** Whether there is WAL behind the point where the next timeline forked off; no other file holds it. */
    private boolean holdsWalBehind(StoredSegment segment, Lsn switchPoint) throws IOException {
        int order = Long.compareUnsigned(segment.name().segmentNumber(), segmentSize.segmentNumber(switchPoint));
        return order > 0 || (order == 0 && directory.isWritten(segment.name(), segmentSize.offset(switchPoint)));
    }
}
