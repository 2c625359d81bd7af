package io.walrelay.bench.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.walrelay.wire.tls.ClientContext;
import io.walrelay.wire.tls.TlsVersion;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Asks for TLS as libpq does, and only then lets the handlers behind it know of the connection. Belongs to one channel.
 */
final class Tls extends ChannelInboundHandlerAdapter {
    private static final int LENGTH = 8;
    private static final int SSL_REQUEST = 80877103;

    private final ClientContext context;

    Tls(ClientContext context) {
        this.context = context;
    }

    /** Of clients that take any certificate, and speak TLS 1.3. */
    static ClientContext context() throws IOException {
        try {
            return ClientContext.of(Optional.empty(), Optional.empty(), TlsVersion.TLS_1_3, TlsVersion.TLS_1_3);
        } catch (SSLException e) {
            throw new IOException("no TLS: " + e.getMessage(), e);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(Unpooled.buffer(LENGTH).writeInt(LENGTH).writeInt(SSL_REQUEST));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf answer = (ByteBuf) message;
        byte first = answer.readByte();
        answer.release();
        if (first == 'S') {
            ctx.pipeline().addFirst(context.handler(ctx.alloc(), Optional.empty(), Runnable::run));
        } else {
            ctx.fireExceptionCaught(new IOException("the server answers the SSLRequest with \"" + (char) first + "\""));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completed) {
            if (completed.isSuccess()) {
                ctx.fireChannelActive();
                ctx.pipeline().remove(this);
            } else {
                ctx.fireExceptionCaught(completed.cause());
            }
        }
    }
}
