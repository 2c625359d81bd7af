package io.walrelay.wire.compression;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.walrelay.wire.error.PgException;
import java.util.Optional;

/**
 * Cuts decompressed bytes into the payloads of CopyData messages, which are slices of the buffer that was written to.
 * Holds one buffer, of {@value #BUFFER} bytes unless a message is longer. On the connection's event loop.
 */
final class MessageBuffer implements AutoCloseable {
    static final int BUFFER = 256 << 10;

    /** Far above what a relay sends, which is 128 kB of WAL and its header; in bytes of the length word. */
    static final int MAX_MESSAGE = 1 << 20;

    private static final int HEADER = 5;
    private static final int LENGTH_WORD = 4;

    private final ByteBufAllocator allocator;

    /** Its reader index is where a message begins. */
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

    MessageBuffer(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** Where decompressed bytes belong: there is room for at least one, once {@link #next} has given out what there was. */
    ByteBuf room() {
        if (!buffer.isWritable()) {
            int begun = buffer.readableBytes();
            int whole = begun < HEADER ? BUFFER : 1 + length(buffer);
            int capacity = Math.max(whole, BUFFER);
            ByteBuf next = allocator.directBuffer(capacity, capacity);
            next.writeBytes(buffer);
            buffer.release();
            buffer = next;
        }
        return buffer;
    }

    private static int length(ByteBuf at) {
        return at.getInt(at.readerIndex() + 1);
    }

    /**
     * The payload of the next message, if all of it is here; the caller owns it.
     *
     * @throws PgException FATAL 08P01 if there is something else than CopyData, or one that is too long
     */
    Optional<ByteBuf> next() {
        if (buffer.readableBytes() < HEADER) {
            return Optional.empty();
        }
        byte type = buffer.getByte(buffer.readerIndex());
        int length = length(buffer);
        if (type != 'd' || length < LENGTH_WORD || length > MAX_MESSAGE) {
            throw PgException.protocolViolation(
                    "invalid message in compressed data from upstream server: got message type \""
                            + (char) (type & 0xFF) + "\", length " + length);
        }
        if (buffer.readableBytes() < 1 + length) {
            return Optional.empty();
        }
        buffer.skipBytes(HEADER);
        return Optional.of(buffer.readRetainedSlice(length - LENGTH_WORD));
    }

    /** Whether the last message has come to its end. */
    boolean isAtEnd() {
        return !buffer.isReadable();
    }

    @Override
    public void close() {
        buffer.release();
        buffer = Unpooled.EMPTY_BUFFER;
    }
}
