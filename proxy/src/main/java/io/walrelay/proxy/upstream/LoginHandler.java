package io.walrelay.proxy.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.walrelay.proxy.cluster.MirroredServer.Reported;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.replication.ServerVersion;
import io.walrelay.wire.auth.ClientAuthentication;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.compression.CopyDecompressor;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.StartupPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs in to the upstream: start-up packet, authentication, parameters, up to the first ReadyForQuery; then removes
 * itself. Mirrors what libpq does between {@code CONNECTION_MADE} and {@code CONNECTION_OK}.
 */
final class LoginHandler extends SimpleChannelInboundHandler<BackendMessage> {
    private final ConnectionInfo.Host host;
    private final int hostIndex;
    private final StartupPacket.StartupMessage startup;
    private final Supplier<ClientAuthentication> begin;
    private final UpstreamHandshake handshake;
    private final CompletableFuture<UpstreamLogin> result;

    private final List<Reported> reported = new ArrayList<>();
    private @Nullable ClientAuthentication authentication;
    private BackendMessage.@Nullable BackendKeyData key;

    LoginHandler(
            ConnectionInfo.Host host,
            int hostIndex,
            StartupPacket.StartupMessage startup,
            Supplier<ClientAuthentication> begin,
            UpstreamHandshake handshake,
            CompletableFuture<UpstreamLogin> result) {
        this.host = host;
        this.hostIndex = hostIndex;
        this.startup = startup;
        this.begin = begin;
        this.handshake = handshake;
        this.result = result;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(startup, ctx.voidPromise());
        ctx.fireChannelActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, BackendMessage message) {
        switch (message) {
            case BackendMessage.Authentication request ->
                authenticate(request).ifPresent(answer -> ctx.writeAndFlush(answer, ctx.voidPromise()));
            case BackendMessage.ParameterStatus parameterStatus -> report(ctx, parameterStatus);
            case BackendMessage.BackendKeyData data -> key = data;
            case BackendMessage.ReadyForQuery ready -> loggedIn(ctx);
            case BackendMessage.ErrorResponse errorResponse -> {
                handshake.refused();
                fail(ctx, errorResponse.fields().toException());
            }
            case BackendMessage.NoticeResponse notice -> {}
            case BackendMessage.NegotiateProtocolVersion older -> {}
            case BackendMessage.CopyData early -> {
                early.data().release();
                throw PgException.protocolViolation("unexpected message from the upstream server during start-up: d");
            }
            default ->
                throw PgException.protocolViolation("unexpected message from the upstream server during start-up: "
                        + message.getClass().getSimpleName());
        }
    }

    /** What is agreed of the protocol is no parameter of the server, which clients of the relay would be shown. */
    private void report(ChannelHandlerContext ctx, BackendMessage.ParameterStatus parameter) {
        if (!parameter.name().equals(CompressionOption.NAME)) {
            reported.add(new Reported(parameter.name(), parameter.value()));
            return;
        }
        if (!startup.parameters().containsKey(CompressionOption.NAME)
                || !parameter.value().equals(CompressionOption.METHOD)) {
            throw PgException.protocolViolation("the upstream server has agreed to " + parameter.name() + " \""
                    + parameter.value() + "\", which it was not asked for");
        }
        ctx.pipeline().addBefore(ctx.name(), "compression", new CopyDecompressor());
    }

    /** What the authentication is bound to is known only now. */
    private Optional<FrontendMessage.Password> authenticate(BackendMessage.Authentication request) {
        ClientAuthentication exchange = authentication == null ? begin.get() : authentication;
        authentication = exchange;
        Optional<FrontendMessage.Password> answer = exchange.answer(request);
        if (request instanceof BackendMessage.AuthenticationOk) {
            handshake.authenticated();
        }
        return answer;
    }

    private void loggedIn(ChannelHandlerContext ctx) {
        String version = reported.stream()
                .filter(parameter -> parameter.name().equals("server_version"))
                .map(Reported::value)
                .findFirst()
                .orElseThrow(() -> PgException.protocolViolation("the upstream server did not report server_version"));
        BackendMessage.BackendKeyData cancel = key;
        UpstreamLogin login = new UpstreamLogin(
                ctx.channel(),
                host,
                hostIndex,
                ServerVersion.parse(version),
                reported,
                cancel == null ? 0 : cancel.pid(),
                cancel == null ? new byte[0] : cancel.key());
        ctx.pipeline().remove(this);
        result.complete(login);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(
                ctx,
                PgException.fatal(SqlState.CONNECTION_FAILURE, "server closed the connection unexpectedly")
                        .withDetail("This probably means the server terminated abnormally before or while processing"
                                + " the request."));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(
                ctx,
                cause instanceof PgException known
                        ? known
                        : PgException.fatal(SqlState.CONNECTION_FAILURE, String.valueOf(cause.getMessage())));
    }

    private void fail(ChannelHandlerContext ctx, PgException reason) {
        result.completeExceptionally(reason);
        ctx.close();
    }
}
