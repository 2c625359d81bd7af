package io.walrelay.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.IntSupplier;

/**
 * Tells a connection that begins with TLS from one that begins with a packet, by its first byte: in a packet it would
 * be that of a length of hundreds of megabytes. Then goes. Mirrors {@code ProcessSSLStartup} of PostgreSQL 17.
 */
final class FirstByte extends ChannelInboundHandlerAdapter {
    /** TLS: a record of the handshake. */
    private static final byte HANDSHAKE = 0x16;

    private final Encryption encryption;
    private final IntSupplier major;

    /** @param major of the server that the relay stands in for */
    FirstByte(Encryption encryption, IntSupplier major) {
        this.encryption = encryption;
        this.major = major;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (!bytes.isReadable()) {
            ctx.fireChannelRead(message);
            return;
        }
        boolean direct = bytes.getByte(bytes.readerIndex()) == HANDSHAKE
                && major.getAsInt() >= Encryption.FIRST_MAJOR_WITH_DIRECT_TLS
                && encryption.beginDirectly(ctx, major.getAsInt());
        ctx.pipeline().remove(this);
        if (direct) {
            ctx.pipeline().fireChannelRead(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }
}
