package io.walrelay.wire.compression;

import com.github.luben.zstd.ZstdDirectBufferDecompressingStreamNoFinalizer;
import com.github.luben.zstd.ZstdIOException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.walrelay.wire.error.PgException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Decompresses a stream of zstd, a bounded amount at a time: what is given out is no more than there is room for, and
 * the memory that the other side can ask for is limited. Owns zstd's memory and a buffer, to which the input is copied:
 * it is the smaller side of the stream, and what it came in can be read into again. On the connection's event loop.
 */
final class ZstdInput implements AutoCloseable {
    /** The other side may refer back 8 MB at most; a relay's levels go to 4 MB. */
    private static final int MAX_WINDOW_LOG = 23;

    /** Of the buffer at first, in bytes; as long as more comes before it is read, it grows. */
    private static final int BUFFER = 64 << 10;

    private final CompressionStatistics statistics;
    private ByteBuf input;

    /** What has been given out filled all there was room for, so there may be more without further input. */
    private boolean outputWaits;

    private Frame frame = new Frame();

    /** What zstd knows between the beginning of a frame and its end. */
    private static final class Frame extends ZstdDirectBufferDecompressingStreamNoFinalizer {
        private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

        private boolean begun;

        Frame() {
            super(NOTHING);
            try {
                setLongMax(MAX_WINDOW_LOG);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** How many bytes of {@code from} were read. */
        int read(ByteBuffer from, ByteBuffer into) throws IOException {
            begun |= from.hasRemaining();
            source = from;
            int position = from.position();
            read(into);
            source = NOTHING;
            return from.position() - position;
        }
    }

    ZstdInput(ByteBufAllocator allocator, CompressionStatistics statistics) {
        this.input = allocator.directBuffer(BUFFER);
        this.statistics = statistics;
    }

    /** Takes the next piece of the stream, which is copied. */
    void feed(ByteBuf from, int index, int length) {
        if (length > input.writableBytes()) {
            input.discardReadBytes();
        }
        input.writeBytes(from, index, length);
    }

    /** Whether {@link #read} may give out something. */
    boolean hasMore() {
        return input.isReadable() || outputWaits;
    }

    /** Whether the stream may end here. */
    boolean isAtEnd() {
        return !hasMore() && !frame.begun;
    }

    /**
     * Decompresses into what there is room for in {@code target}.
     *
     * @return how many bytes were written
     * @throws PgException FATAL 08P01 if this is no stream of zstd
     */
    int read(ByteBuf target) {
        ByteBuffer into = DirectBytes.writable(target);
        ByteBuffer from = DirectBytes.readable(input);
        int room = into.remaining();
        long begun = System.nanoTime();
        try {
            input.skipBytes(frame.read(from, into));
            if (!input.isReadable()) {
                input.clear();
            }
        } catch (ZstdIOException broken) {
            throw PgException.protocolViolation(
                    "invalid compressed data received from upstream server: " + broken.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        statistics.spent(System.nanoTime() - begun);
        int written = room - into.remaining();
        target.writerIndex(target.writerIndex() + written);
        outputWaits = !into.hasRemaining();
        if (!frame.hasRemaining()) {
            frame.close();
            frame = new Frame();
        }
        return written;
    }

    @Override
    public void close() {
        frame.close();
        input.release();
        input = Unpooled.EMPTY_BUFFER;
        outputWaits = false;
    }
}
