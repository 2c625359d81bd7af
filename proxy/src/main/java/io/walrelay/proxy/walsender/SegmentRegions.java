package io.walrelay.proxy.walsender;

import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.walrelay.proxy.wal.WalSegment;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The segment that a sender has open, and regions of it that the kernel sends from: no more than have waited in the
 * socket's queue at once, since each is used again when the channel has let go of it. On the sender's loop.
 */
final class SegmentRegions implements AutoCloseable {
    private final WalSegment segment;
    private final int size;
    private final List<Region> regions = new ArrayList<>();

    /**
     * Takes over the one reference to a segment.
     *
     * @param size of the file, in bytes
     */
    SegmentRegions(WalSegment segment, int size) {
        this.segment = segment;
        this.size = size;
    }

    WalSegment segment() {
        return segment;
    }

    /** The bytes from {@code offset} on, as a region that the caller releases. */
    FileRegion region(int offset, int length) {
        return free().begin(offset, length).retain();
    }

    private Region free() {
        // By index: an iterator would be an object for each message.
        for (int i = 0; i < regions.size(); i++) {
            if (regions.get(i).refCnt() == 1) {
                return regions.get(i);
            }
        }
        Region added = new Region(segment, size);
        regions.add(added);
        return added;
    }

    /** The file is closed when what waits in the queue has been sent. */
    @Override
    public void close() {
        regions.forEach(Region::release);
        segment.release();
    }

    /**
     * Sends one stretch of the file after the other: what was {@link #transferred} goes on growing, since Netty's epoll
     * writes that into the region's field and there is no way to take it back, and {@link #position} and {@link #count}
     * tell where the present stretch begins and ends if that is counted from. Holds its segment open, rather than own
     * the file.
     */
    private static final class Region extends DefaultFileRegion {
        private final WalSegment segment;
        private long position;
        private long count;

        /** What was transferred without epoll, which counts by itself. */
        private long copied;

        Region(WalSegment segment, int size) {
            // With all of the file, which Netty compares with its size where nothing could be sent.
            super(segment.file().channel(), 0, size);
            this.segment = segment;
            segment.retain();
        }

        Region begin(int offset, int length) {
            position = offset - transferred();
            count = transferred() + length;
            return this;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public long count() {
            return count;
        }

        @Override
        public long transferred() {
            return super.transferred() + copied;
        }

        @Override
        public long transferTo(WritableByteChannel target, long from) throws IOException {
            long written = segment.file().channel().transferTo(position + from, count - from, target);
            copied += written;
            return written;
        }

        @Override
        protected void deallocate() {
            segment.release();
        }
    }
}
