package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Small pieces of WAL that follow one another, copied to where they lie behind one another until they are written at
 * once: a copy of so little costs less than a write of its own. Makes no garbage. Of the upstream loop.
 */
final class SmallPieces {
    /** Up to so many bytes are a small piece. */
    static final int SMALL = 8 << 10;

    /** What there is room for, in bytes. */
    private static final int ROOM = 64 << 10;

    private final ByteBuffer copies = ByteBuffer.allocateDirect(ROOM);

    static boolean isSmall(int length) {
        return length <= SMALL;
    }

    boolean isEmpty() {
        return copies.position() == 0;
    }

    /** Whether a piece of that length can only be added when what is here has been written. */
    boolean isFullFor(int length) {
        return copies.remaining() < length;
    }

    /** Adds a piece; the buffer, whose indices stay as they are, remains the caller's. */
    void add(ByteBuf data, int index, int length) {
        if (data.nioBufferCount() == 1) {
            // Its own view, which is there already: ByteBuf.getBytes makes another for each call.
            copies.put(data.internalNioBuffer(index, length));
        } else {
            copies.limit(copies.position() + length);
            data.getBytes(index, copies);
            copies.limit(copies.capacity());
        }
    }

    /** What was added, to be read once; then it is cleared. */
    ByteBuffer content() {
        return copies.flip();
    }

    /** Forgets all of it. */
    void clear() {
        copies.clear();
    }
}
