package io.walrelay.wire.compression;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Compresses bytes into one stream of zstd, and cuts that into CopyData messages. Owns zstd's memory and two buffers,
 * from and to which it compresses: what is copied through them needs no {@link ByteBuffer} of its own for zstd to look
 * at. On the connection's event loop.
 */
final class ZstdOutput implements AutoCloseable {
    private static final int HEADER = 5;

    /** What is no longer than this is gathered before it is compressed. */
    static final int GATHERED = 32 << 10;

    /** The longest message, in bytes. */
    private static final int LONGEST = 64 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final ByteBufAllocator allocator;
    private final CompressionStatistics statistics;
    private final Consumer<ByteBuf> messages;
    private final ZstdCompressCtx zstd = new ZstdCompressCtx();

    /** What is not compressed yet. */
    private final ByteBuf gathered;

    /** The message that is being made, behind room for its header. */
    private final ByteBuf message;

    /** @param messages takes whole CopyData messages, and owns them */
    ZstdOutput(ByteBufAllocator allocator, CompressionStatistics statistics, Consumer<ByteBuf> messages) {
        this.allocator = allocator;
        this.statistics = statistics;
        this.messages = messages;
        this.gathered = allocator.directBuffer(GATHERED, GATHERED);
        this.message = allocator.directBuffer(LONGEST, LONGEST).writerIndex(HEADER);
        zstd.setChecksum(true);
    }

    /** Has the bytes behind the last {@link #end} compressed with this level. */
    void level(int level) {
        zstd.setLevel(level);
        statistics.level(level);
    }

    /** Compresses; what comes of it may stay within for now. Releases {@code bytes}, and leaves their indices alone. */
    void write(ByteBuf bytes) {
        int length = bytes.readableBytes();
        statistics.raw(length);
        if (length > gathered.writableBytes()) {
            compressGathered(EndDirective.CONTINUE);
        }
        if (length <= GATHERED) {
            gathered.writeBytes(bytes, bytes.readerIndex(), length);
            bytes.release();
            return;
        }
        ByteBuf direct = DirectBytes.of(bytes, allocator);
        try {
            run(DirectBytes.readable(direct), EndDirective.CONTINUE);
        } finally {
            direct.release();
        }
    }

    /** Gives out all that is within, so that the other side can read everything that was written. */
    void flush() {
        compressGathered(EndDirective.FLUSH);
        emit();
    }

    /** As {@link #flush}, and what follows does not build on what was before: it is another frame of zstd. */
    void end() {
        compressGathered(EndDirective.END);
        emit();
    }

    private void compressGathered(EndDirective directive) {
        run(gathered.isReadable() ? DirectBytes.readable(gathered) : NOTHING, directive);
        gathered.clear();
    }

    private void run(ByteBuffer source, EndDirective directive) {
        boolean done = false;
        while (!done) {
            if (!message.isWritable()) {
                emit();
            }
            ByteBuffer target = DirectBytes.writable(message);
            int from = target.position();
            long begun = System.nanoTime();
            boolean flushed = zstd.compressDirectByteBufferStream(target, source, directive);
            statistics.spent(System.nanoTime() - begun);
            message.writerIndex(message.writerIndex() + target.position() - from);
            done = directive == EndDirective.CONTINUE ? !source.hasRemaining() : flushed;
        }
    }

    private void emit() {
        int length = message.readableBytes();
        if (length > HEADER) {
            message.setByte(0, 'd').setInt(1, length - 1);
            statistics.wire(length);
            messages.accept(allocator.directBuffer(length, length).writeBytes(message, 0, length));
            message.writerIndex(HEADER);
        }
    }

    /** Frees the memory; what is still within is lost. */
    @Override
    public void close() {
        zstd.close();
        gathered.release();
        message.release();
    }
}
