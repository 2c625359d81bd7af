package io.walrelay.proxy.walsender;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.ssl.SslHandler;
import io.walrelay.proxy.wal.WalSegment;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgTimestamp;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.wire.compression.CopyCompressor;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.tls.TlsProvider;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Writes pieces of WAL to a socket as XLogData: a header, and a region of the segment file that the kernel sends from
 * the page cache, or that is read where it is to be compressed or encrypted; tiny pieces, of which live streaming has
 * many, are read and go out with their header in one buffer. What is read is shared among the loop's senders.
 * On the sender's loop; owns the open segment.
 */
final class WalChunks implements AutoCloseable {
    private static final int COPY_DATA_HEADER = 5;
    private static final int HEADER = COPY_DATA_HEADER + WalSenderMessageCodec.XLOG_DATA_HEADER;
    private static final int READ_UP_TO = 16 * 1024;

    private final Channel channel;
    private final WalStore wal;
    private final SharedReads reads;
    private final Clock clock;
    private final boolean read;
    private @Nullable WalSegment open;

    WalChunks(Channel channel, WalStore wal, SharedReads reads, Clock clock) {
        this.channel = channel;
        this.wal = wal;
        this.reads = reads;
        this.clock = clock;
        SslHandler encryption = channel.pipeline().get(SslHandler.class);
        // What is to be compressed or encrypted has to be seen.
        this.read = encryption != null || channel.pipeline().get(CopyCompressor.class) != null;
        if (encryption != null) {
            TlsProvider.tuneForStreaming(encryption);
        }
    }

    /**
     * Writes one message, without a flush of the channel.
     *
     * @param file the segment that holds all of the piece
     * @param walEnd up to where could be sent now
     * @throws PgException 58P01 if the segment is not here any more
     */
    void write(WalFileName file, Lsn from, Lsn to, Lsn walEnd) {
        WalSegment segment = open(file);
        int offset = wal.directory().segmentSize().offset(from);
        int length = (int) to.minus(from);
        if (length <= READ_UP_TO) {
            channel.write(message(segment, offset, length, from, walEnd), channel.voidPromise());
        } else {
            channel.write(header(HEADER, length, from, walEnd), channel.voidPromise());
            channel.write(
                    read ? data(segment, offset, length, from) : new SegmentRegion(segment, offset, length),
                    channel.voidPromise());
        }
    }

    private ByteBuf message(WalSegment segment, int offset, int length, Lsn from, Lsn walEnd) {
        ByteBuf shared = reads.find(segment.name(), from.value(), length, walEnd.value());
        if (shared != null) {
            return shared;
        }
        ByteBuf message = header(HEADER + length, length, from, walEnd);
        read(segment, offset, length, message);
        return reads.keep(segment.name(), from.value(), length, walEnd.value(), message);
    }

    private ByteBuf data(WalSegment segment, int offset, int length, Lsn from) {
        ByteBuf shared = reads.find(segment.name(), from.value(), length, SharedReads.NO_HEADER);
        if (shared != null) {
            return shared;
        }
        ByteBuf data = channel.alloc().directBuffer(length, length);
        read(segment, offset, length, data);
        return reads.keep(segment.name(), from.value(), length, SharedReads.NO_HEADER, data);
    }

    private ByteBuf header(int capacity, int length, Lsn from, Lsn walEnd) {
        ByteBuf out = channel.alloc().directBuffer(capacity, capacity);
        out.writeByte('d');
        out.writeInt(HEADER - 1 + length);
        WalSenderMessageCodec.writeXLogDataHeader(out, from, walEnd, PgTimestamp.now(clock));
        return out;
    }

    /** Reads behind what is in the buffer already. */
    private void read(WalSegment segment, int offset, int length, ByteBuf message) {
        int begin = message.writerIndex();
        try {
            int read = segment.file().read(offset, message.internalNioBuffer(begin, length));
            if (read < length) {
                message.release();
                throw unreadable(segment, offset, "read " + read + " of " + length + " bytes");
            }
            message.writerIndex(begin + length);
        } catch (IOException e) {
            message.release();
            throw unreadable(segment, offset, String.valueOf(e.getMessage()));
        }
    }

    private PgException unreadable(WalSegment segment, int offset, String why) {
        String name = segment.name().format(wal.directory().segmentSize());
        return PgException.error(
                SqlState.IO_ERROR, "could not read from WAL segment " + name + ", offset " + offset + ": " + why);
    }

    private WalSegment open(WalFileName file) {
        WalSegment segment = open;
        if (segment != null && segment.name().equals(file)) {
            return segment;
        }
        close();
        String name = file.format(wal.directory().segmentSize());
        try {
            segment = wal.directory().openToRead(file);
        } catch (NoSuchFileException e) {
            throw PgException.error(
                    SqlState.UNDEFINED_FILE, "requested WAL segment " + name + " has already been removed");
        } catch (IOException e) {
            throw PgException.error(SqlState.IO_ERROR, "could not open file \"pg_wal/" + name + "\": " + e.getMessage())
                    .withCause(e);
        }
        open = segment;
        return segment;
    }

    @Override
    public void close() {
        WalSegment segment = open;
        open = null;
        if (segment != null) {
            segment.release();
        }
    }

    /** A region that holds its segment open, rather than own the file and close it when it is sent. */
    private static final class SegmentRegion extends DefaultFileRegion {
        private final WalSegment segment;

        SegmentRegion(WalSegment segment, long offset, long length) {
            super(segment.file().channel(), offset, length);
            this.segment = segment;
            segment.retain();
        }

        @Override
        protected void deallocate() {
            segment.release();
        }
    }
}
