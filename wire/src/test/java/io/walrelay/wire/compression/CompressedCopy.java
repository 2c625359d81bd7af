package io.walrelay.wire.compression;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.message.BackendMessage;
import java.util.OptionalInt;
import java.util.Random;

/** A server that compresses, and what it has put on the wire. */
final class CompressedCopy implements AutoCloseable {
    final CopyCompressor compressor;
    final EmbeddedChannel channel;
    private final ByteBuf wire = Unpooled.buffer();

    CompressedCopy() {
        this(OptionalInt.empty());
    }

    CompressedCopy(OptionalInt level) {
        compressor = new CopyCompressor(new CompressionOption(level));
        channel = new EmbeddedChannel(new BackendEncoder(), compressor);
    }

    /** Bytes that compress somewhat, the same for the same seed. */
    static byte[] content(int length, long seed) {
        Random random = new Random(seed);
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = random.nextInt(4) == 0 || i < 20 ? (byte) random.nextInt() : content[i - 20];
        }
        return content;
    }

    CompressedCopy begin() {
        channel.write(new BackendMessage.CopyBothResponse());
        return this;
    }

    /** As the sender writes WAL: framed, in a buffer. */
    CompressedCopy framed(byte[] payload) {
        ByteBuf message = channel.alloc().directBuffer(5 + payload.length);
        message.writeByte('d').writeInt(4 + payload.length).writeBytes(payload);
        channel.write(message);
        return this;
    }

    /** As the sender writes keepalives. */
    CompressedCopy message(byte[] payload) {
        channel.write(new BackendMessage.CopyData(channel.alloc().directBuffer().writeBytes(payload)));
        return this;
    }

    CompressedCopy plain(BackendMessage message) {
        channel.write(message);
        return this;
    }

    CompressedCopy flush() {
        channel.flush();
        return this;
    }

    /** All that has been flushed since the last call. */
    byte[] wire() {
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            wire.writeBytes(part);
            part.release();
        }
        byte[] bytes = ByteBufUtil.getBytes(wire);
        wire.clear();
        return bytes;
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
