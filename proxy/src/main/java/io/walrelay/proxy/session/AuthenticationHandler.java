package io.walrelay.proxy.session;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.wire.auth.SaslServer;
import io.walrelay.wire.auth.SaslStep;
import io.walrelay.wire.codec.AuthenticationDecoder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.SaslInitialResponse;

/** Authenticates a client by SASL. Mirrors {@code CheckSASLAuth} of PostgreSQL's {@code auth-sasl.c}. */
final class AuthenticationHandler extends SimpleChannelInboundHandler<FrontendMessage> {
    private final Downstream downstream;
    private final Cluster.Known known;
    private final StartupRequest request;
    private final SaslServer exchange;
    private final CertificateCheck certificate;
    private final ScheduledFuture<?> timeout;
    private boolean begun;

    AuthenticationHandler(
            Downstream downstream,
            Cluster.Known known,
            StartupRequest request,
            SaslServer exchange,
            CertificateCheck certificate,
            ScheduledFuture<?> timeout) {
        this.downstream = downstream;
        this.known = known;
        this.request = request;
        this.exchange = exchange;
        this.certificate = certificate;
        this.timeout = timeout;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new BackendMessage.AuthenticationSasl(exchange.mechanisms()), ctx.voidPromise());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FrontendMessage message) {
        switch (message) {
            case FrontendMessage.Password password -> proceed(ctx, next(password.body()));
            case FrontendMessage.Unknown unknown ->
                throw PgException.protocolViolation(
                        "expected SASL response, got message type " + (unknown.type() & 0xFF));
            default -> throw new IllegalStateException("not a message of authentication: " + message);
        }
    }

    private SaslStep next(byte[] body) {
        if (begun) {
            return exchange.respond(body);
        }
        begun = true;
        SaslInitialResponse initial = SaslInitialResponse.parse(body);
        return exchange.begin(initial.mechanism(), initial.data());
    }

    private void proceed(ChannelHandlerContext ctx, SaslStep step) {
        switch (step) {
            case SaslStep.Continue more -> {
                ctx.writeAndFlush(new BackendMessage.AuthenticationSaslContinue(more.challenge()), ctx.voidPromise());
                ctx.pipeline().replace("decoder", "decoder", AuthenticationDecoder.sasl(request.user()));
            }
            case SaslStep.Finished finished -> {
                ctx.write(new BackendMessage.AuthenticationSaslFinal(finished.data()), ctx.voidPromise());
                certificate.end();
                StartupHandler.authenticated(ctx, downstream, known, request, timeout);
            }
            case SaslStep.Failed failed -> throw failed.failure();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        StartupHandler.refuse(ctx, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        timeout.cancel(false);
        ctx.fireChannelInactive();
    }
}
