package io.walrelay.bench.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers of a stream of WAL and throws the WAL away, as it comes and without putting messages together:
 *
 * <pre>
 * Byte 'd'   Int32 length   Byte 'w'   Int64 start   Int64 end of WAL   Int64 time   WAL
 * Byte 'd'   Int32 length   Byte 'k'   ...
 * </pre>
 *
 * <p>Source: PostgreSQL's documentation, "Streaming Replication Protocol". Belongs to one channel.
 */
final class WalReader extends ChannelInboundHandlerAdapter {
    /** Type, length, kind, start. */
    private static final int HEADER = 1 + 4 + 1 + 8;

    private static final int LENGTH_WORD = 4;
    private static final int XLOG_DATA_HEADER = 1 + 3 * 8;

    private final CompletableFuture<Void> arrival = new CompletableFuture<>();
    private final @Nullable Arrivals arrivals;
    private volatile long awaited = Long.MAX_VALUE;
    private final byte[] header = new byte[HEADER];
    private int headerLength;
    private long skip;
    private long last;

    /** @param arrivals where to note when WAL arrives, if anywhere */
    WalReader(@Nullable Arrivals arrivals) {
        this.arrivals = arrivals;
    }

    /** Completes when the WAL before a position has arrived, or exceptionally when the stream has ended before. */
    CompletableFuture<Void> arrival(long position) {
        awaited = position;
        return arrival;
    }

    /** The stream has ended. */
    void end(IOException reason) {
        arrival.completeExceptionally(reason);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            read(in);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end(new IOException("the server closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(new IOException(cause));
    }

    private void read(ByteBuf in) {
        while (in.isReadable()) {
            if (skip > 0) {
                int count = (int) Math.min(skip, in.readableBytes());
                in.skipBytes(count);
                skip -= count;
                if (skip > 0) {
                    return;
                }
                finish();
            } else {
                int count = Math.min(HEADER - headerLength, in.readableBytes());
                in.readBytes(header, headerLength, count);
                headerLength += count;
                if (headerLength == HEADER) {
                    begin();
                }
            }
        }
    }

    /**
     * All messages of a stream are as long as the header that is read here, or longer, except for an error or its end.
     */
    private void begin() {
        if (header[0] != 'd') {
            end(new IOException("not WAL, but \"" + new String(header, StandardCharsets.ISO_8859_1) + "\""));
            headerLength = 0;
            return;
        }
        int length = (int) number(1, 4);
        skip = 1L + length - HEADER;
        last = header[5] == 'w' ? number(6, 8) + length - LENGTH_WORD - XLOG_DATA_HEADER : 0;
        headerLength = 0;
        if (skip == 0) {
            finish();
        }
    }

    private void finish() {
        if (arrivals != null && last != 0) {
            arrivals.add(last);
        }
        if (last >= awaited) {
            arrival.complete(null);
        }
    }

    private long number(int offset, int bytes) {
        long value = 0;
        for (int i = offset; i < offset + bytes; i++) {
            value = (value << 8) | (header[i] & 0xFF);
        }
        return value;
    }
}
