package io.walrelay.proxy.wal;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The segment in which one timeline is left for the next: the new one's begins with the bytes that both share, as
 * {@code XLogInitNewTimeline} has it.
 */
final class SwitchPointSegment {
    private static final int COPY_BUFFER = 1 << 20;

    private SwitchPointSegment() {}

    /**
     * Begins the new timeline's segment; durable when this returns. Blocks for one segment's check and copy.
     *
     * @return where receiving goes on: at the switch point, or at its segment's start if the old timeline's segment was
     *     removed, being older than all that is kept, or is damaged. The upstream has the bytes that both share under
     *     the new name
     */
    static Lsn begin(WalDirectory directory, WalIntegrity integrity, TimelineId from, TimelineId to, Lsn switchPoint)
            throws IOException {
        WalSegmentSize size = directory.segmentSize();
        int shared = size.offset(switchPoint);
        long number = size.segmentNumber(switchPoint);
        WalFileName old = new WalFileName(from, number);
        if (shared == 0 || !directory.isHere(old) || !integrity.isSound(old, switchPoint)) {
            directory.beginWith(new WalFileName(to, number));
            return size.start(number);
        }
        WalSegment source = directory.openToRead(old);
        try {
            WalSegment target = directory.createPartial(new WalFileName(to, number));
            try {
                copy(source, target, shared, size);
                target.file().sync();
                directory.sync();
            } finally {
                target.release();
            }
        } finally {
            source.release();
        }
        return switchPoint;
    }

    private static void copy(WalSegment source, WalSegment target, int shared, WalSegmentSize size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.min(shared, COPY_BUFFER));
        for (int at = 0; at < shared; at += buffer.limit()) {
            buffer.clear().limit(Math.min(buffer.capacity(), shared - at));
            if (source.file().read(at, buffer) < buffer.limit()) {
                throw new IOException(
                        "WAL segment " + source.name().format(size) + " is shorter than " + shared + " bytes");
            }
            target.file().write(at, buffer.flip());
        }
    }
}
