package io.walrelay.wire.compression;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;

/** Gives zstd, which takes direct buffers only, the bytes of any buffer. */
final class DirectBytes {
    private DirectBytes() {}

    /**
     * The same bytes where zstd can read them: {@code bytes} itself if it can, else a copy. Takes over {@code bytes}.
     */
    static ByteBuf of(ByteBuf bytes, ByteBufAllocator allocator) {
        if (bytes.isDirect() && bytes.nioBufferCount() == 1) {
            return bytes;
        }
        int length = bytes.readableBytes();
        try {
            return allocator.directBuffer(length).writeBytes(bytes, bytes.readerIndex(), length);
        } finally {
            bytes.release();
        }
    }

    /** What is there to be read, valid as long as nothing else is done with {@code bytes}. */
    static ByteBuffer readable(ByteBuf bytes) {
        return bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes());
    }

    /** Where can be written, valid as long as nothing else is done with {@code bytes}. */
    static ByteBuffer writable(ByteBuf bytes) {
        return bytes.internalNioBuffer(bytes.writerIndex(), bytes.writableBytes());
    }
}
