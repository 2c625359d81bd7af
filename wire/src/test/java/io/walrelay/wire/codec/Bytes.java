package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;

/** Bytes as people write them. */
final class Bytes {
    private Bytes() {}

    /**
     * Concatenates: Integer is Int32, Short Int16, Byte and Character one byte, String its ISO 8859-1 bytes, byte[]
     * itself.
     */
    static byte[] of(Object... parts) {
        ByteBuf out = Unpooled.buffer();
        for (Object part : parts) {
            switch (part) {
                case Integer i -> out.writeInt(i);
                case Short s -> out.writeShort(s);
                case Byte b -> out.writeByte(b);
                case Character c -> out.writeByte(c);
                case String s -> out.writeCharSequence(s, StandardCharsets.ISO_8859_1);
                case byte[] bytes -> out.writeBytes(bytes);
                default -> throw new IllegalArgumentException(part.toString());
            }
        }
        return ByteBufUtil.getBytes(out);
    }

    /** A message with its length word. */
    static byte[] message(char type, Object... body) {
        byte[] bytes = of(body);
        return of(type, bytes.length + 4, bytes);
    }

    /** What an encoder makes of {@code message}, as one string of bytes. */
    static byte[] encode(ChannelHandler encoder, Object message) {
        EmbeddedChannel channel = new EmbeddedChannel(encoder);
        channel.writeOutbound(message);
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        channel.finish();
        return ByteBufUtil.getBytes(all);
    }
}
