package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/**
 * One buffer that a channel reads into again and again, as libpq does ({@code pqReadData}, {@code fe-misc.c}): where a
 * message came in several reads, it lies in one piece all the same, nothing is allocated for a read, and the bytes are
 * in the processor's cache when they are used.
 *
 * <p>For a channel whose first handler is a {@link ByteToMessageDecoder}. What such a decoder has not read yet stays in
 * this buffer, and what is read next goes behind it; to the front again as soon as nobody uses what was there. A buffer
 * that somebody else has retained is left to them: what is unread goes to another one ({@link #cumulator}).
 */
public final class ReceiveBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    /**
     * In bytes. Some of PostgreSQL's longest messages of WAL, 128 kB, and not more than a processor's core keeps near.
     */
    static final int CAPACITY = 512 << 10;

    /** How much the kernel is asked for at least, in bytes. */
    static final int LEAST = 64 << 10;

    /** So that what waits is dealt with after 2 MB at the latest. */
    private static final int READS_AT_ONCE = 4;

    private @Nullable ByteBuf buffer;

    /** Room in front of what is read into a new buffer, for what was unread in the one before, in bytes. */
    private int roomInFront;

    private ReceiveBuffer() {
        super(READS_AT_ONCE);
    }

    /** Has the channel read into such a buffer from now on, until it is closed; gives what its decoder needs. */
    public static ReceiveBuffer install(Channel channel) {
        ReceiveBuffer received = new ReceiveBuffer();
        channel.config().setRecvByteBufAllocator(received);
        channel.closeFuture().addListener(closed -> received.release());
        return received;
    }

    @Override
    public ExtendedHandle newHandle() {
        return new Reads();
    }

    private final class Reads extends MaxMessageHandle {
        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return room(allocator).retain();
        }

        @Override
        public int guess() {
            return CAPACITY;
        }
    }

    /** The buffer, with room behind what is unread. */
    private ByteBuf room(ByteBufAllocator allocator) {
        ByteBuf current = buffer;
        if (current != null) {
            reuse(current);
            if (current.writableBytes() >= LEAST) {
                return current;
            }
        }
        return next(allocator, current);
    }

    private ByteBuf next(ByteBufAllocator allocator, @Nullable ByteBuf current) {
        int unread = current == null ? 0 : current.readableBytes();
        if (current != null) {
            current.release();
        }
        roomInFront = unread + LEAST <= CAPACITY ? unread : 0;
        ByteBuf next = allocator.directBuffer(CAPACITY, CAPACITY).setIndex(roomInFront, roomInFront);
        buffer = next;
        return next;
    }

    private void reuse(ByteBuf current) {
        int others = current.refCnt() - 1;
        if (others == 0) {
            current.clear();
            roomInFront = 0;
        } else if (others == 1 && current.isReadable() && current.writableBytes() < LEAST) {
            // What is unread is the decoder's, so the other reference is its own: nobody looks at what was read.
            current.discardReadBytes();
        }
    }

    /**
     * How the channel's decoder puts together what several reads have brought. What another handler makes of it is
     * chained.
     */
    @SuppressWarnings("ReferenceEquality") // what is equal is not the same buffer
    ByteToMessageDecoder.Cumulator cumulator() {
        return (allocator, unread, read) -> {
            if (unread == read) {
                // Retained once for the decoder, and once for this read.
                read.release();
                return unread;
            }
            return read == buffer && unread.isReadable()
                    ? inOneBuffer(allocator, unread, read)
                    : ByteToMessageDecoder.COMPOSITE_CUMULATOR.cumulate(allocator, unread, read);
        };
    }

    private ByteBuf inOneBuffer(ByteBufAllocator allocator, ByteBuf unread, ByteBuf read) {
        int length = unread.readableBytes();
        if (length > roomInFront) {
            // A message that is longer than the buffer, which itself must not be part of a chain: it is read into
            // again.
            ByteBuf copy = allocator.directBuffer(read.readableBytes()).writeBytes(read);
            read.release();
            return ByteToMessageDecoder.COMPOSITE_CUMULATOR.cumulate(allocator, unread, copy);
        }
        roomInFront = 0;
        read.readerIndex(read.readerIndex() - length);
        read.setBytes(read.readerIndex(), unread, unread.readerIndex(), length);
        unread.release();
        return read;
    }

    private void release() {
        ByteBuf current = buffer;
        if (current != null) {
            current.release();
            buffer = null;
        }
    }
}
