package io.walrelay.wire.compression;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Compresses bytes into one stream of zstd, and cuts that into CopyData messages. Owns zstd's memory and a buffer, of
 * which the messages are slices. On the connection's event loop.
 */
final class ZstdOutput implements AutoCloseable {
    private static final int HEADER = 5;
    private static final int LENGTH_WORD = 4;

    /** Of several messages, unless it is filled by one. */
    private static final int BUFFER = 64 << 10;

    /** With less room for a message, the next buffer is begun. */
    private static final int LEAST_ROOM = 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final ByteBufAllocator allocator;
    private final CompressionStatistics statistics;
    private final Consumer<ByteBuf> messages;
    private final ZstdCompressCtx zstd = new ZstdCompressCtx();

    /** Its reader index is where the header of the next message belongs. */
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

    /** @param messages takes whole CopyData messages, and owns them */
    ZstdOutput(ByteBufAllocator allocator, CompressionStatistics statistics, Consumer<ByteBuf> messages) {
        this.allocator = allocator;
        this.statistics = statistics;
        this.messages = messages;
        zstd.setChecksum(true);
    }

    /** Has the bytes behind the last {@link #end} compressed with this level. */
    void level(int level) {
        zstd.setLevel(level);
        statistics.level(level);
    }

    /** Compresses; what comes of it may stay within for now. Releases {@code bytes}. */
    void write(ByteBuf bytes) {
        statistics.raw(bytes.readableBytes());
        ByteBuf direct = DirectBytes.of(bytes, allocator);
        try {
            run(DirectBytes.readable(direct), EndDirective.CONTINUE);
        } finally {
            direct.release();
        }
    }

    /** Gives out all that is within, so that the other side can read everything that was written. */
    void flush() {
        run(NOTHING, EndDirective.FLUSH);
        emit();
    }

    /** As {@link #flush}, and what follows does not build on what was before: it is another frame of zstd. */
    void end() {
        run(NOTHING, EndDirective.END);
        emit();
    }

    private void run(ByteBuffer source, EndDirective directive) {
        boolean done = false;
        while (!done) {
            if (!buffer.isWritable()) {
                emit();
            }
            ByteBuffer target = DirectBytes.writable(buffer);
            int from = target.position();
            long begun = System.nanoTime();
            boolean flushed = zstd.compressDirectByteBufferStream(target, source, directive);
            statistics.spent(System.nanoTime() - begun);
            buffer.writerIndex(buffer.writerIndex() + target.position() - from);
            done = directive == EndDirective.CONTINUE ? !source.hasRemaining() : flushed;
        }
    }

    /** Begins a message: in the same buffer, or in a new one. */
    private void begin() {
        if (buffer.capacity() - buffer.writerIndex() < HEADER + LEAST_ROOM) {
            buffer.release();
            buffer = allocator.directBuffer(BUFFER, BUFFER);
        }
        buffer.writerIndex(buffer.readerIndex() + HEADER);
    }

    private void emit() {
        int length = buffer.readableBytes() - HEADER;
        if (length > 0) {
            buffer.setByte(buffer.readerIndex(), 'd');
            buffer.setInt(buffer.readerIndex() + 1, LENGTH_WORD + length);
            statistics.wire(HEADER + length);
            messages.accept(buffer.readRetainedSlice(HEADER + length));
        }
        if (length != 0) {
            begin();
        }
    }

    /** Frees the memory; what is still within is lost. */
    @Override
    public void close() {
        zstd.close();
        buffer.release();
        buffer = Unpooled.EMPTY_BUFFER;
    }
}
