package io.walrelay.proxy.wal;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;

/**
 * Which file holds a segment of a history: that of the newest timeline that has a byte in it, since the file of a
 * switch point begins with what came before. The files of abandoned timelines are none of them.
 */
record ServedSegments(TimelineHistory history, WalSegmentSize size) {
    WalFileName at(long segmentNumber) {
        return new WalFileName(history.timelineAt(size.start(segmentNumber + 1).plus(-1)), segmentNumber);
    }

    boolean contains(WalFileName name) {
        return at(name.segmentNumber()).equals(name);
    }

    /** Whether all of it has been received and flushed, and nobody writes to it any more. */
    boolean isComplete(WalFileName name, Lsn flushed) {
        return isComplete(name, history.timeline(), size, flushed.value());
    }

    /** The same, for who asks for each message: whether a segment is, now that {@code newest} is received. */
    static boolean isComplete(WalFileName name, TimelineId newest, WalSegmentSize size, long flushed) {
        return !name.timeline().equals(newest)
                || Long.compareUnsigned(size.startValue(name.segmentNumber() + 1), flushed) <= 0;
    }

    WalFileName before(WalFileName name) {
        return at(name.segmentNumber() - 1);
    }

    WalFileName after(WalFileName name) {
        return at(name.segmentNumber() + 1);
    }

    /** Up to where the file holds WAL that is served: to its end, or to where its timeline was left. */
    Lsn end(WalFileName name) {
        Lsn end = size.start(name.segmentNumber() + 1);
        return history.switchPoint(name.timeline())
                .map(switchPoint -> Lsn.min(switchPoint, end))
                .orElse(end);
    }
}
