package io.walrelay.bench.stage;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;

/**
 * A stretch of WAL that a primary holds, of whole segments on timeline 1.
 *
 * @param slot the replication slot that keeps it there; nobody uses it, copies of it are used
 */
public record Wal(Lsn start, Lsn end, String slot) {
    private static final TimelineId TIMELINE = new TimelineId(1);

    /** Its length in bytes. */
    public long bytes() {
        return end.minus(start);
    }

    /** The name of the file that holds what comes behind a position, as all these programs name it. */
    public static String fileAt(Lsn position) {
        WalSegmentSize size = WalSegmentSize.DEFAULT;
        return new WalFileName(TIMELINE, size.segmentNumber(position)).format(size);
    }

    /** The name of the file that holds what comes before a position. */
    public static String fileBefore(Lsn position) {
        return fileAt(new Lsn(position.value() - 1));
    }
}
