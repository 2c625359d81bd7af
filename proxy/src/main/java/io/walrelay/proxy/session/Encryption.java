package io.walrelay.proxy.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.walrelay.wire.auth.ChannelBinding;
import io.walrelay.wire.codec.StartupDecoder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.ProtocolVersion;
import io.walrelay.wire.message.StartupPacket;
import io.walrelay.wire.message.SupportedProtocols;
import io.walrelay.wire.tls.Alpn;
import io.walrelay.wire.tls.ServerContext;
import io.walrelay.wire.tls.TlsFailure;
import io.walrelay.wire.tls.TlsSession;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a connection is encrypted, up to its start-up message: what is asked for, and the handshake of TLS. On the
 * channel's loop. Mirrors {@code ProcessSSLStartup} and the first part of {@code ProcessStartupPacket}.
 *
 * <pre>
 * Clear ──(SSLRequest: S, or a handshake comes first)──► Handshaking ──► Encrypted
 *   └─(SSLRequest, GSSENCRequest: N)─► Clear                  └──► Failed
 * </pre>
 */
final class Encryption {
    private static final Logger log = LoggerFactory.getLogger(Encryption.class);

    /** The major version that first takes a handshake without a request, and with it what is sent right behind one. */
    static final int FIRST_MAJOR_WITH_DIRECT_TLS = 17;

    private static final String TLS = "tls";

    private final Downstream downstream;
    private final Set<Request> open = EnumSet.allOf(Request.class);
    private State state = new State.Clear();

    /** What may be asked for, each once. */
    private enum Request {
        SSL,
        GSS;

        ProtocolVersion code() {
            return switch (this) {
                case SSL -> StartupPacket.SslRequest.CODE;
                case GSS -> StartupPacket.GssEncRequest.CODE;
            };
        }
    }

    private sealed interface State {
        record Clear() implements State {}

        /**
         * The client's turn.
         *
         * @param direct without a request
         * @param injected whether something came behind the request in the clear, from whomever
         */
        record Handshaking(ServerContext context, SslHandler handler, boolean direct, boolean injected)
                implements State {}

        record Encrypted(ServerContext context, TlsSession session) implements State {}

        record Failed() implements State {}
    }

    Encryption(Downstream downstream) {
        this.downstream = downstream;
    }

    /** Answers a GSSENCRequest. */
    void request(ChannelHandlerContext ctx, StartupPacket.GssEncRequest request, int major) {
        take(Request.GSS, major);
        refuse(ctx);
    }

    /** Answers an SSLRequest. */
    void request(ChannelHandlerContext ctx, StartupPacket.SslRequest request, int major) {
        take(Request.SSL, major);
        Optional<ServerContext> context =
                state instanceof State.Clear ? downstream.tls().context().get() : Optional.empty();
        if (context.isEmpty()) {
            refuse(ctx);
            return;
        }
        // What comes from now on is encrypted, so neither can be asked for again.
        open.clear();
        ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'S'}), ctx.voidPromise());
        ByteBuf behind = ctx.pipeline().get(StartupDecoder.class).takeBuffered();
        boolean handshake = major >= FIRST_MAJOR_WITH_DIRECT_TLS;
        begin(ctx, context.get(), major, false, !handshake && behind.isReadable());
        if (handshake && behind.isReadable()) {
            ctx.pipeline().fireChannelRead(behind);
        } else {
            behind.release();
        }
    }

    private void take(Request request, int major) {
        if (!open.remove(request)) {
            throw SupportedProtocols.ofServerMajor(major).unsupported(request.code());
        }
    }

    private static void refuse(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'N'}), ctx.voidPromise());
    }

    /**
     * Begins with a handshake that nobody has asked for.
     *
     * @return whether TLS is on
     */
    boolean beginDirectly(ChannelHandlerContext ctx, int major) {
        Optional<ServerContext> context = downstream.tls().context().get();
        context.ifPresent(there -> begin(ctx, there, major, true, false));
        return context.isPresent();
    }

    private void begin(ChannelHandlerContext ctx, ServerContext context, int major, boolean direct, boolean injected) {
        SslHandler handler = context.handler(
                ctx.alloc(),
                major >= FIRST_MAJOR_WITH_DIRECT_TLS,
                downstream.tls().tasks());
        state = new State.Handshaking(context, handler, direct, injected);
        ctx.pipeline().addFirst(TLS, handler);
    }

    /**
     * The handshake is over.
     *
     * @throws PgException FATAL 08P01, which goes out encrypted, if there was something in the clear behind the request
     */
    void handshaken(ChannelHandlerContext ctx, SslHandshakeCompletionEvent event) {
        if (!(state instanceof State.Handshaking handshaking)) {
            return;
        }
        if (!event.isSuccess()) {
            state = new State.Failed();
            log.info("{}: could not accept SSL connection: {}", ctx.channel().remoteAddress(), told(event.cause()));
            ctx.close();
            return;
        }
        if (handshaking.direct() && !Alpn.isAgreed(handshaking.handler())) {
            state = new State.Failed();
            log.info(
                    "{}: received direct SSL connection request without ALPN protocol negotiation extension",
                    ctx.channel().remoteAddress());
            ctx.close();
            return;
        }
        state = new State.Encrypted(
                handshaking.context(),
                TlsSession.of(handshaking.handler().engine().getSession()));
        if (handshaking.injected()) {
            throw PgException.protocolViolation("received unencrypted data after SSL request")
                    .withDetail("This could be either a client-software bug or evidence of an attempted"
                            + " man-in-the-middle attack.");
        }
    }

    private String told(Throwable cause) {
        TlsFailure failure = TlsFailure.of(cause);
        String detail = failure.certificate()
                .map(words -> "\nDETAIL:  Client certificate verification failed: " + words + ".")
                .orElse("");
        String hint = failure.mayBeTheVersion()
                ? "\nHINT:  This may indicate that the client does not support any SSL protocol version that"
                        + " ssl_min_protocol_version and ssl_max_protocol_version allow."
                : "";
        return failure.words() + detail + hint;
    }

    /** Whether TLS could not be established, so that nothing more is to be said of it. */
    boolean hasFailed() {
        return state instanceof State.Failed;
    }

    /** What was agreed; empty for a connection in the clear. */
    Optional<TlsSession> session() {
        return state instanceof State.Encrypted encrypted ? Optional.of(encrypted.session()) : Optional.empty();
    }

    /** Whether a client's certificate would have been checked. */
    boolean checksClients() {
        return state instanceof State.Encrypted encrypted && encrypted.context().checksClients();
    }

    /** What the authentication may be bound to. */
    Optional<ChannelBinding> binding() {
        return state instanceof State.Encrypted encrypted ? encrypted.context().binding() : Optional.empty();
    }

    /** What was agreed on a connection that has got past all this. */
    static Optional<TlsSession> of(Channel channel) {
        return Optional.ofNullable(channel.pipeline().get(SslHandler.class))
                .map(handler -> TlsSession.of(handler.engine().getSession()));
    }
}
