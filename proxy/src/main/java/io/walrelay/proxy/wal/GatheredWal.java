package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.proxy.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * WAL that waits to be written at once, in its order. Large pieces stay in the buffers that they came in, which are held
 * until then; small ones are copied behind one another: a copy of so little costs less than an object that leads to where
 * it lies, and than an entry of its own in the gathered write. Small ones make no garbage. Of the upstream loop.
 */
final class GatheredWal {
    /** Up to so many bytes are a small piece. */
    static final int SMALL = 8 << 10;

    /** What there is room for of small pieces, in bytes. */
    private static final int ROOM = 64 << 10;

    /** A message that came in several reads is a chain of buffers, so more than that may have to go into one write. */
    private static final int USUAL = 64;

    private final ByteBuffer copies = ByteBuffer.allocateDirect(ROOM);

    /** Views of {@link #copies}, made when they are first needed, and used again for each write. */
    private final @Nullable ByteBuffer[] stretches = new ByteBuffer[ROOM / SMALL];

    private int stretchCount;

    /** The stretch at the end, if small pieces came last. */
    private @Nullable ByteBuffer open;

    private @Nullable ByteBuffer[] gathered = new ByteBuffer[USUAL];
    private int count;
    private @Nullable ByteBuf[] held = new ByteBuf[USUAL];
    private int heldCount;

    boolean isEmpty() {
        return count == 0;
    }

    /** Whether a piece of that length cannot be added before what is here has been written. */
    boolean isFullFor(int length) {
        return length <= SMALL
                ? copies.remaining() < length || (open == null && stretchCount == stretches.length)
                : count >= USUAL;
    }

    /** Adds a piece; the buffer, whose indices stay as they are, remains the caller's. */
    void add(ByteBuf data, int index, int length) {
        if (length <= SMALL) {
            copy(data, index, length);
        } else {
            refer(data, index, length);
        }
    }

    private void copy(ByteBuf data, int index, int length) {
        ByteBuffer stretch = open;
        if (stretch == null) {
            stretch = nextStretch();
            open = stretch;
            add(stretch);
        }
        if (data.nioBufferCount() == 1) {
            // Its own view, which is there already: ByteBuf.getBytes makes another for each call.
            copies.put(data.internalNioBuffer(index, length));
        } else {
            copies.limit(copies.position() + length);
            data.getBytes(index, copies);
            copies.limit(copies.capacity());
        }
        stretch.limit(copies.position());
    }

    private ByteBuffer nextStretch() {
        ByteBuffer stretch = stretches[stretchCount];
        if (stretch == null) {
            stretch = copies.duplicate();
            stretches[stretchCount] = stretch;
        }
        stretchCount++;
        return stretch.limit(copies.position()).position(copies.position());
    }

    private void refer(ByteBuf data, int index, int length) {
        open = null;
        if (heldCount == held.length) {
            held = Arrays.copyOf(held, 2 * heldCount);
        }
        held[heldCount++] = data.retain();
        if (data.nioBufferCount() == 1) {
            add(data.nioBuffer(index, length));
        } else {
            for (ByteBuffer part : data.nioBuffers(index, length)) {
                add(part);
            }
        }
    }

    private void add(ByteBuffer part) {
        if (count == gathered.length) {
            gathered = Arrays.copyOf(gathered, 2 * count);
        }
        gathered[count++] = part;
    }

    /** Writes all of it; after a failure nobody knows how much of it was, so that it can only be forgotten. */
    void writeTo(StoredFile file, long position) throws IOException {
        file.write(position, gathered, count);
    }

    /** Forgets all of it. */
    void clear() {
        for (int i = 0; i < heldCount; i++) {
            ByteBuf buffer = held[i];
            if (buffer != null) {
                buffer.release();
            }
        }
        Arrays.fill(held, 0, heldCount, null);
        heldCount = 0;
        Arrays.fill(gathered, 0, count, null);
        count = 0;
        copies.clear();
        stretchCount = 0;
        open = null;
    }
}
