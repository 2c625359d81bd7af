package io.walrelay.proxy.session;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.hba.ConnectionAttempt;
import io.walrelay.proxy.hba.HbaDecision;
import io.walrelay.wire.auth.ScramServer;
import io.walrelay.wire.codec.AuthenticationDecoder;
import io.walrelay.wire.codec.FrontendDecoder;
import io.walrelay.wire.codec.FrontendLimits;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.compression.CopyCompressor;
import io.walrelay.wire.compression.ZstdLibrary;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import io.walrelay.wire.message.StartupPacket;
import io.walrelay.wire.message.SupportedProtocols;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * A connection from its first byte to authentication: requests for encryption, cancel requests, the start-up message
 * and what pg_hba.conf says to it. Mirrors {@code ProcessStartupPacket} and {@code ClientAuthentication}. Replaces
 * itself by an {@link AuthenticationHandler}, or, where no password is asked for, by a {@link CommandHandler}.
 */
final class StartupHandler extends SimpleChannelInboundHandler<StartupPacket> {
    private static final Logger log = LoggerFactory.getLogger(StartupHandler.class);

    private static final Marker FATAL = MarkerFactory.getMarker("FATAL");

    private final Downstream downstream;
    private final byte[] mockSecret;
    private final PendingLogins.Admission admission;
    private final Encryption encryption;
    private @Nullable ScheduledFuture<?> timeout;

    StartupHandler(Downstream downstream, byte[] mockSecret, Encryption encryption, PendingLogins.Admission admission) {
        this.admission = admission;
        this.encryption = encryption;
        this.downstream = downstream;
        this.mockSecret = mockSecret;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        long limit = downstream
                .configuration()
                .get()
                .get(Settings.AUTHENTICATION_TIMEOUT)
                .toMillis();
        timeout = ctx.executor().schedule(() -> expired(ctx), limit, TimeUnit.MILLISECONDS);
    }

    private static void expired(ChannelHandlerContext ctx) {
        log.debug("{}: canceling authentication due to timeout", ctx.channel().remoteAddress());
        ctx.channel().close();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, StartupPacket packet) {
        switch (packet) {
            case StartupPacket.SslRequest request -> encryption.request(ctx, request, downstream.major());
            case StartupPacket.GssEncRequest request -> encryption.request(ctx, request, downstream.major());
            case StartupPacket.CancelRequest cancelRequest -> {
                downstream
                        .sessions()
                        .cancellable(cancelRequest.pid(), cancelRequest.key())
                        .ifPresent(LiveSession::cancel);
                ctx.close();
            }
            case StartupPacket.StartupMessage message -> start(ctx, message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            encryption.handshaken(ctx, handshake);
        }
        super.userEventTriggered(ctx, event);
    }

    private void start(ChannelHandlerContext ctx, StartupPacket.StartupMessage message) {
        if (message.major() < 3 && (message.major() > 0 || downstream.major() < 14)) {
            refuseOldProtocol(ctx, message);
            return;
        }
        Optional<CompressionOption> compression = compression(message, StartupRequest.replication(message));
        SupportedProtocols.ofServerMajor(downstream.major())
                .negotiate(message, compression.isPresent() ? Set.of(CompressionOption.NAME) : Set.of())
                .ifPresent(lower -> ctx.write(lower, ctx.voidPromise()));
        StartupRequest request = StartupRequest.of(message, compression);
        if (admission != PendingLogins.Admission.SERVED) {
            throw PgException.fatal(SqlState.TOO_MANY_CONNECTIONS, "sorry, too many clients already");
        }
        Cluster.Known known = downstream
                .cluster()
                .known()
                .orElseThrow(
                        () -> PgException.fatal(SqlState.CANNOT_CONNECT_NOW, "the database system is starting up"));
        ConnectionAttempt attempt = new ConnectionAttempt(
                request.replication() == StartupRequest.Replication.PHYSICAL,
                request.database(),
                request.user(),
                ((InetSocketAddress) ctx.channel().remoteAddress()).getAddress(),
                encryption.session().isPresent());
        HbaDecision decision = downstream.access().get().hba().decide(attempt);
        decision.refusal(attempt, known.server().major()).ifPresent(words -> {
            throw PgException.fatal(SqlState.INVALID_AUTHORIZATION_SPECIFICATION, words);
        });
        CertificateCheck certificate =
                new CertificateCheck(decision.decidedBy().orElseThrow(), request.user(), encryption.session());
        certificate.begin(encryption.checksClients());
        if (decision instanceof HbaDecision.Scram) {
            ScramServer scram = ScramServer.of(
                    request.user(),
                    downstream.access().get().verifier(request.user()),
                    mockSecret,
                    encryption.binding().orElse(null));
            AuthenticationHandler next =
                    new AuthenticationHandler(downstream, known, request, scram, certificate, timeout());
            ctx.pipeline().replace(this, "session", next);
            ctx.pipeline().replace("decoder", "decoder", AuthenticationDecoder.sasl(request.user()));
        } else {
            certificate.end();
            authenticated(ctx, downstream, known, request, timeout());
        }
    }

    /** Only WAL is compressed. */
    private Optional<CompressionOption> compression(
            StartupPacket.StartupMessage message, StartupRequest.Replication replication) {
        boolean allowed = downstream.configuration().get().get(Settings.WAL_SENDER_COMPRESSION);
        return allowed && replication == StartupRequest.Replication.PHYSICAL
                ? CompressionOption.of(message)
                        .filter(wish -> ZstdLibrary.problem().isEmpty())
                : Optional.empty();
    }

    /** To a client of protocol 2 or older, in its own form: a text without fields and without a length. */
    private void refuseOldProtocol(ChannelHandlerContext ctx, StartupPacket.StartupMessage message) {
        PgException refusal =
                SupportedProtocols.ofServerMajor(downstream.major()).unsupported(message.version());
        log.error(FATAL, "{}: {}", ctx.channel().remoteAddress(), refusal.message());
        String text = "EFATAL:  " + refusal.message() + "\n\0";
        ctx.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private ScheduledFuture<?> timeout() {
        ScheduledFuture<?> running = timeout;
        if (running == null) {
            throw new IllegalStateException("handler was never added");
        }
        return running;
    }

    /** Where both ways to be authenticated meet: the session begins, in the place of the current handler. */
    static void authenticated(
            ChannelHandlerContext ctx,
            Downstream downstream,
            Cluster.Known known,
            StartupRequest request,
            ScheduledFuture<?> timeout) {
        timeout.cancel(false);
        ctx.write(new BackendMessage.AuthenticationOk(), ctx.voidPromise());
        Optional<ConsoleAccess> console = switch (request.replication()) {
            case PHYSICAL -> Optional.empty();
            case NONE, DATABASE -> Optional.of(console(downstream, request));
        };
        Map<String, String> requested = request.settings();
        requested.forEach((name, value) -> SettingValue.truncationNotice(name, value)
                .ifPresent(notice -> ctx.write(
                        new BackendMessage.NoticeResponse(
                                ErrorFields.of(Severity.NOTICE, SqlState.NAME_TOO_LONG, notice)),
                        ctx.voidPromise())));
        SessionSettings settings =
                new SessionSettings(downstream.configuration(), known.server(), request.user(), requested);
        Session session = new Session(
                request.replication() == StartupRequest.Replication.NONE
                        ? Session.Kind.CLIENT_BACKEND
                        : Session.Kind.WALSENDER,
                ctx.channel(),
                downstream.sessions().newPid(),
                downstream.sessions().newKey(request.keyLength(known.server().major())),
                request.user(),
                settings,
                known);
        Optional<SqlBackend> sql = console.map(access -> sql(downstream, access, request, session));
        switch (session.kind()) {
            case CLIENT_BACKEND -> beginSql(ctx, downstream, sql.orElseThrow(), session);
            case WALSENDER -> beginReplication(ctx, downstream, request, session, sql);
        }
    }

    private static ConsoleAccess console(Downstream downstream, StartupRequest request) {
        return downstream
                .console()
                .filter(there -> request.database().equals(ConsoleAccess.DATABASE))
                .orElseThrow(() -> noDatabase(request));
    }

    private static PgException noDatabase(StartupRequest request) {
        return PgException.fatal(
                SqlState.INVALID_CATALOG_NAME, "database \"" + request.database() + "\" does not exist");
    }

    private static void beginReplication(
            ChannelHandlerContext ctx,
            Downstream downstream,
            StartupRequest request,
            Session session,
            Optional<SqlBackend> sql) {
        Optional<CopyCompressor> compressor = request.compression().map(CopyCompressor::new);
        CommandHandler handler = new CommandHandler(downstream, session, request.applicationName(), compressor, sql);
        downstream.sessions().add(session, handler);
        compressor.ifPresent(between -> {
            ctx.write(
                    new BackendMessage.ParameterStatus(CompressionOption.NAME, CompressionOption.METHOD),
                    ctx.voidPromise());
            ctx.pipeline().addBefore(ctx.name(), "compression", between);
        });
        ctx.pipeline().replace(ctx.handler(), "session", handler);
        handler.begin();
        // Last, for what the client has sent ahead is decoded, and carried out, within this call.
        ctx.pipeline()
                .replace("decoder", "decoder", new FrontendDecoder(FrontendLimits.REPLICATION, handler::copyData));
    }

    private static void beginSql(ChannelHandlerContext ctx, Downstream downstream, SqlBackend sql, Session session) {
        SqlHandler handler = new SqlHandler(downstream, session, sql);
        Configuration now = downstream.configuration().get();
        int reserved = sql.isAdmin() ? 0 : now.get(Settings.SUPERUSER_RESERVED_CONNECTIONS);
        downstream.sessions().addOrdinary(session, handler, now.get(Settings.MAX_CONNECTIONS), reserved);
        ctx.pipeline().replace(ctx.handler(), "session", handler);
        handler.begin();
        ctx.pipeline().replace("decoder", "decoder", new FrontendDecoder(FrontendLimits.SQL));
    }

    private static SqlBackend sql(
            Downstream downstream, ConsoleAccess access, StartupRequest request, Session session) {
        boolean admin =
                downstream.configuration().get().get(Settings.ADMIN_USERS).contains(request.user());
        Channel channel = session.channel();
        SqlSettings settings =
                new SqlSettings(session.settings(), session.cluster().server(), admin);
        ConsoleClient client = new ConsoleClient(
                session.pid(),
                session.user(),
                request.database(),
                admin,
                address(channel.remoteAddress()),
                address(channel.localAddress()),
                downstream.clock().instant(),
                Encryption.of(channel).map(BackendState.Tls::of),
                settings);
        return new SqlBackend(access, session, client, settings);
    }

    private static Optional<ConsoleClient.Address> address(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? Optional.of(new ConsoleClient.Address(internet.getAddress().getHostAddress(), internet.getPort()))
                : Optional.empty();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!encryption.hasFailed()) {
            refuse(ctx, cause);
        }
    }

    /** Ends a connection that has no session yet. */
    static void refuse(ChannelHandlerContext ctx, Throwable cause) {
        switch (cause) {
            case PgException failure -> {
                log.error(FATAL, "{}: {}", ctx.channel().remoteAddress(), failure.message());
                ctx.writeAndFlush(new BackendMessage.ErrorResponse(ErrorFields.from(failure.asFatal())))
                        .addListener(ChannelFutureListener.CLOSE);
            }
            case SilentCloseException silent -> {
                log.info("{}: {}", ctx.channel().remoteAddress(), silent.reason());
                ctx.close();
            }
            default -> {
                log.info(
                        "{}: could not receive data from client: {}",
                        ctx.channel().remoteAddress(),
                        cause.toString());
                ctx.close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        timeout().cancel(false);
        ctx.fireChannelInactive();
    }
}
