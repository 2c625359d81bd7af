package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import org.jspecify.annotations.Nullable;

/**
 * One buffer that a channel reads into again and again, as libpq does ({@code pqReadData}, {@code fe-misc.c}): where a message came in
 * several reads, it lies in one piece all the same, nothing is allocated for a read, and the bytes are in the processor's cache when
 * they are used.
 *
 * <p>For a channel whose first handler is a {@link io.netty.handler.codec.ByteToMessageDecoder} with Netty's merging
 * cumulator. What such a decoder has not read yet stays in this buffer, and what is read next goes behind it. It goes to the front again as soon
 * as nobody uses what was there: a buffer that somebody else has retained is left to them, and another one is taken.
 */
public final class ReceiveBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    /** In bytes. Some of PostgreSQL's longest messages of WAL, 128 kB, and not more than a processor's core keeps near. */
    static final int CAPACITY = 512 << 10;

    /** How much the kernel is asked for at least, in bytes. */
    static final int LEAST = 64 << 10;

    /** So that what waits is dealt with after 2 MB at the latest. */
    private static final int READS_AT_ONCE = 4;

    private @Nullable ByteBuf buffer;

    private ReceiveBuffer() {
        super(READS_AT_ONCE);
    }

    /** Has the channel read into such a buffer from now on, until it is closed. */
    public static void install(Channel channel) {
        ReceiveBuffer received = new ReceiveBuffer();
        channel.config().setRecvByteBufAllocator(received);
        channel.closeFuture().addListener(closed -> received.release());
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
            current.release();
        }
        ByteBuf next = allocator.directBuffer(CAPACITY, CAPACITY);
        buffer = next;
        return next;
    }

    private static void reuse(ByteBuf current) {
        int others = current.refCnt() - 1;
        if (others == 0) {
            current.clear();
        } else if (others == 1 && current.isReadable() && current.writableBytes() < LEAST) {
            // What is unread is the decoder's, so the other reference is its own: nobody looks at what was read.
            current.discardReadBytes();
        }
    }

    private void release() {
        ByteBuf current = buffer;
        if (current != null) {
            current.release();
            buffer = null;
        }
    }
}
