package io.walrelay.proxy.walsender;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.walrelay.proxy.wal.WalSegment;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.wire.compression.CopyCompressor;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.tls.TlsProvider;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes pieces of WAL to a socket as XLogData: a header, and a region of the segment file that the kernel sends from
 * the page cache, or that is read where it is to be compressed or encrypted; tiny pieces, of which live streaming has
 * many, are read, and copied behind their header. What is read is shared among the loop's senders. A message leaves no
 * garbage. On the sender's loop; owns the open segment.
 */
final class WalChunks implements AutoCloseable {
    private static final int COPY_DATA_HEADER = 5;
    private static final int HEADER = COPY_DATA_HEADER + WalSenderMessageCodec.XLOG_DATA_HEADER;
    private static final int READ_UP_TO = 16 * 1024;

    private final Channel channel;
    private final WalStore wal;
    private final SharedReads reads;
    private final LongSupplier clock;
    private final boolean read;
    private final boolean compressed;
    private @Nullable SegmentRegions open;

    /** @param clock the time in µs since 2000 */
    WalChunks(Channel channel, WalStore wal, SharedReads reads, LongSupplier clock) {
        this.channel = channel;
        this.wal = wal;
        this.reads = reads;
        this.clock = clock;
        SslHandler encryption = channel.pipeline().get(SslHandler.class);
        // What is to be compressed or encrypted has to be seen.
        this.compressed = channel.pipeline().get(CopyCompressor.class) != null;
        this.read = encryption != null || compressed;
        if (encryption != null) {
            TlsProvider.tuneForStreaming(encryption);
        }
    }

    /**
     * Writes one message, without a flush of the channel. Positions are the values of LSNs.
     *
     * @param file the segment that holds all of the piece
     * @param length in bytes
     * @param walEnd up to where could be sent now
     * @throws PgException 58P01 if the segment is not here any more
     */
    void write(WalFileName file, long from, int length, long walEnd) {
        SegmentRegions regions = open(file);
        int offset = wal.directory().segmentSize().offset(from);
        if (length <= READ_UP_TO) {
            ByteBuf data = read(regions.segment(), offset, from, length);
            ByteBuf message = header(HEADER + length, length, from, walEnd);
            channel.write(message.writeBytes(data), channel.voidPromise());
        } else if (read) {
            // What compresses looks at it at once, what encrypts keeps it.
            ByteBuf data = compressed
                    ? read(regions.segment(), offset, from, length).retain()
                    : view(regions.segment(), offset, from, length);
            channel.write(header(HEADER, length, from, walEnd), channel.voidPromise());
            channel.write(data, channel.voidPromise());
        } else {
            channel.write(header(HEADER, length, from, walEnd), channel.voidPromise());
            channel.write(regions.region(offset, length), channel.voidPromise());
        }
    }

    private ByteBuf header(int capacity, int length, long from, long walEnd) {
        ByteBuf out = channel.alloc().directBuffer(capacity, capacity);
        out.writeByte('d');
        out.writeInt(HEADER - 1 + length);
        WalSenderMessageCodec.writeXLogDataHeader(out, from, walEnd, clock.getAsLong());
        return out;
    }

    private ByteBuf read(WalSegment segment, int offset, long from, int length) {
        try {
            return reads.read(segment, offset, from, length);
        } catch (IOException e) {
            throw unreadable(segment, offset, e);
        }
    }

    private ByteBuf view(WalSegment segment, int offset, long from, int length) {
        try {
            return reads.view(segment, offset, from, length);
        } catch (IOException e) {
            throw unreadable(segment, offset, e);
        }
    }

    private PgException unreadable(WalSegment segment, int offset, IOException e) {
        String name = segment.name().format(wal.directory().segmentSize());
        return PgException.error(
                SqlState.IO_ERROR,
                "could not read from WAL segment " + name + ", offset " + offset + ": " + e.getMessage());
    }

    private SegmentRegions open(WalFileName file) {
        SegmentRegions before = open;
        if (before != null && before.segment().name().equals(file)) {
            return before;
        }
        close();
        String name = file.format(wal.directory().segmentSize());
        try {
            SegmentRegions opened = new SegmentRegions(
                    wal.directory().openToRead(file),
                    wal.directory().segmentSize().bytes());
            open = opened;
            return opened;
        } catch (NoSuchFileException e) {
            throw PgException.error(
                    SqlState.UNDEFINED_FILE, "requested WAL segment " + name + " has already been removed");
        } catch (IOException e) {
            throw PgException.error(SqlState.IO_ERROR, "could not open file \"pg_wal/" + name + "\": " + e.getMessage())
                    .withCause(e);
        }
    }

    @Override
    public void close() {
        SegmentRegions before = open;
        open = null;
        if (before != null) {
            before.close();
        }
    }
}
