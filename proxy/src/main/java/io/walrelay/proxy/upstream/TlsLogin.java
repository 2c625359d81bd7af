package io.walrelay.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.SslMode;
import io.walrelay.proxy.tls.UpstreamTls;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.StartupPacket;
import io.walrelay.wire.tls.Alpn;
import io.walrelay.wire.tls.ClientContext;
import io.walrelay.wire.tls.EndPoint;
import io.walrelay.wire.tls.ServerName;
import io.walrelay.wire.tls.TlsFailure;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Puts TLS under a connection to the upstream, and only then lets the handlers behind it know that it is there. On the
 * channel's loop. Mirrors what libpq does in {@code CONNECTION_SSL_STARTUP}.
 *
 * <pre>
 * Asking ──(S)──► Loading ──► Handshaking ──► gone: encrypted
 *   └─(N)─► gone: in the clear, where that will do
 * </pre>
 */
final class TlsLogin extends ChannelInboundHandlerAdapter {
    /** A file may be on a disk that sleeps, and keys take long: neither may hold up what the loop serves. */
    private static final Executor TASKS =
            task -> Thread.ofPlatform().daemon().name("upstream-tls").start(task);

    private final ConnectionInfo info;
    private final ConnectionInfo.Host host;
    private final UpstreamHandshake handshake;
    private final CompletableFuture<UpstreamLogin> login;
    private State state = State.ASKING;

    private enum State {
        ASKING,
        LOADING,
        HANDSHAKING,
        CLEAR,
        ENCRYPTED,
        FAILED
    }

    /** @param login fails in libpq's words if TLS does; the connection is closed then */
    TlsLogin(
            ConnectionInfo info,
            ConnectionInfo.Host host,
            UpstreamHandshake handshake,
            CompletableFuture<UpstreamLogin> login) {
        this.info = info;
        this.host = host;
        this.handshake = handshake;
        this.login = login;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (info.negotiatesDirectly()) {
            load(ctx);
        } else {
            // From the end of the pipeline, where it is encoded.
            ctx.channel()
                    .writeAndFlush(new StartupPacket.SslRequest(), ctx.channel().voidPromise());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (state != State.ASKING || !(message instanceof ByteBuf answer)) {
            ctx.fireChannelRead(message);
            return;
        }
        if (!answer.isReadable()) {
            answer.release();
            return;
        }
        char first = (char) (answer.readByte() & 0xFF);
        if (first == 'N' && !info.sslMode().requires()) {
            state = State.CLEAR;
            ctx.fireChannelActive();
            ctx.fireChannelRead(answer);
            ctx.pipeline().remove(this);
            return;
        }
        boolean behind = answer.isReadable();
        answer.release();
        switch (first) {
            case 'S' -> {
                if (behind) {
                    fail(ctx, "received unencrypted data after SSL response");
                } else {
                    load(ctx);
                }
            }
            case 'N' -> fail(ctx, "server does not support SSL, but SSL was required");
            case 'E' -> fail(ctx, "server sent an error response during SSL exchange");
            default -> fail(ctx, "received invalid response to SSL negotiation: " + first);
        }
    }

    private void load(ChannelHandlerContext ctx) {
        state = State.LOADING;
        CompletableFuture.supplyAsync(() -> UpstreamTls.load(info), TASKS)
                .whenCompleteAsync(
                        (context, failure) -> {
                            if (failure == null) {
                                handshake(ctx, context);
                            } else {
                                fail(ctx, failure);
                            }
                        },
                        ctx.executor());
    }

    private void handshake(ChannelHandlerContext ctx, ClientContext context) {
        if (ctx.isRemoved() || !ctx.channel().isActive()) {
            return;
        }
        state = State.HANDSHAKING;
        Optional<String> name =
                Optional.of(host.name()).filter(known -> info.tellsServerName() && !ServerName.isAddress(known));
        ctx.pipeline().addFirst(context.handler(ctx.alloc(), name, TASKS));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completed && state == State.HANDSHAKING) {
            if (completed.isSuccess()) {
                handshaken(ctx, ctx.pipeline().get(SslHandler.class));
            } else {
                fail(ctx, told(completed.cause()));
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    private void handshaken(ChannelHandlerContext ctx, SslHandler handler) {
        if (info.negotiatesDirectly() && !Alpn.isAgreed(handler)) {
            fail(ctx, "direct SSL connection was established without ALPN protocol negotiation extension");
            return;
        }
        X509Certificate certificate;
        try {
            certificate = (X509Certificate) handler.engine().getSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException e) {
            fail(ctx, "certificate could not be obtained: " + e.getMessage());
            return;
        }
        Optional<String> mismatch = info.sslMode() == SslMode.VERIFY_FULL
                ? ServerName.mismatch(certificate, host.name())
                : Optional.empty();
        if (mismatch.isPresent()) {
            fail(ctx, mismatch.get());
            return;
        }
        handshake.encrypted(EndPoint.of(certificate));
        state = State.ENCRYPTED;
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
    }

    private String told(Throwable cause) {
        TlsFailure failure = TlsFailure.of(cause);
        if (failure.isOfTheSystem()) {
            return "SSL SYSCALL error: " + failure.words();
        }
        String hint = failure.mayBeTheVersion()
                ? "\nThis may indicate that the server does not support any SSL protocol version between "
                        + info.option("ssl_min_protocol_version").orElse("TLSv1.2") + " and "
                        + info.option("ssl_max_protocol_version").orElse("TLSv1.3") + "."
                : "";
        return "SSL error: " + failure.words() + hint;
    }

    private void fail(ChannelHandlerContext ctx, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        fail(ctx, String.valueOf(cause.getMessage()));
    }

    private void fail(ChannelHandlerContext ctx, String words) {
        state = State.FAILED;
        handshake.refused();
        login.completeExceptionally(PgException.fatal(SqlState.CONNECTION_FAILURE, words));
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // What a handshake fails with is told by its event as well.
        if (state != State.FAILED && state != State.HANDSHAKING) {
            ctx.fireExceptionCaught(cause);
        }
    }
}
