package io.walrelay.wire.compression;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.walrelay.wire.codec.CopyDataTaker;
import io.walrelay.wire.error.PgException;

/**
 * Cuts decompressed bytes into the payloads of CopyData messages, which are given out where they lie. Holds one buffer,
 * of {@value #BUFFER} bytes unless a message is longer; what somebody else retains is left to them, and another one
 * taken. On the connection's event loop.
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

    /**
     * Where decompressed bytes belong: there is room for at least one, once {@link #give} has given out what there was.
     */
    ByteBuf room() {
        if (buffer.refCnt() == 1 && !buffer.isReadable()) {
            buffer.clear();
        }
        if (!buffer.isWritable()) {
            int begun = buffer.readableBytes();
            int whole = begun < HEADER ? HEADER : 1 + length(buffer);
            if (buffer.refCnt() == 1 && whole <= buffer.capacity()) {
                buffer.discardReadBytes();
            } else {
                int capacity = Math.max(whole, BUFFER);
                ByteBuf next = allocator.directBuffer(capacity, capacity);
                next.writeBytes(buffer);
                buffer.release();
                buffer = next;
            }
        }
        return buffer;
    }

    private static int length(ByteBuf at) {
        return at.getInt(at.readerIndex() + 1);
    }

    /**
     * Gives out the payloads of all messages that are here as a whole, but for those that are left when this is closed.
     *
     * @throws PgException FATAL 08P01 if there is something else than CopyData, or one that is too long
     */
    void give(CopyDataTaker taker) {
        while (hasNext()) {
            int length = length(buffer) - LENGTH_WORD;
            int payload = buffer.readerIndex() + HEADER;
            buffer.skipBytes(HEADER + length);
            // The taker may close this.
            ByteBuf given = buffer.retain();
            try {
                taker.copyData(given, payload, length);
            } finally {
                given.release();
            }
        }
    }

    private boolean hasNext() {
        if (buffer.readableBytes() < HEADER) {
            return false;
        }
        byte type = buffer.getByte(buffer.readerIndex());
        int length = length(buffer);
        if (type != 'd' || length < LENGTH_WORD || length > MAX_MESSAGE) {
            throw PgException.protocolViolation(
                    "invalid message in compressed data from upstream server: got message type \""
                            + (char) (type & 0xFF) + "\", length " + length);
        }
        return buffer.readableBytes() >= 1 + length;
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
