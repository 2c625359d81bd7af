package io.walrelay.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.Passfile;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.wire.auth.ChannelBindingPolicy;
import io.walrelay.wire.auth.ClientAuthentication;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.BackendLimits;
import io.walrelay.wire.codec.FrontendEncoder;
import io.walrelay.wire.codec.ReceiveBuffer;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.StartupPacket;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs in at one address of a host, within {@code connect_timeout}. What libpq does between {@code CONNECTION_NEEDED}
 * and {@code CONNECTION_OK}.
 */
final class AddressLogin {
    private static final Logger log = LoggerFactory.getLogger(AddressLogin.class);

    private final Transport transport;
    private final EventLoop loop;
    private final ConnectionInfo info;
    private final HostOrder.Candidate candidate;
    private final String applicationName;
    private final Optional<CompressionOption> compression;

    /** @param loop the event loop that is to serve the connection; results complete there */
    AddressLogin(
            Transport transport,
            EventLoop loop,
            ConnectionInfo info,
            HostOrder.Candidate candidate,
            String applicationName,
            Optional<CompressionOption> compression) {
        this.transport = transport;
        this.loop = loop;
        this.info = info;
        this.candidate = candidate;
        this.applicationName = applicationName;
        this.compression = compression;
    }

    private ConnectionInfo.Host host() {
        return info.hosts().get(candidate.index());
    }

    /** Whether a connection is encrypted: with some modes, the one is tried and then the other. */
    private enum Way {
        CLEAR,
        TLS
    }

    private List<Way> ways() {
        return switch (info.sslMode()) {
            case DISABLE -> List.of(Way.CLEAR);
            case ALLOW -> List.of(Way.CLEAR, Way.TLS);
            case PREFER -> List.of(Way.TLS, Way.CLEAR);
            case REQUIRE, VERIFY_CA, VERIFY_FULL -> List.of(Way.TLS);
        };
    }

    /**
     * Connects and logs in; leaves no connection behind if that fails. Servers negotiate options away that they do not
     * know, but there are poolers that refuse them: those are asked again without.
     */
    CompletableFuture<Attempt> at(InetAddress address) {
        return at(address, compression).thenCompose(attempt -> {
            if (compression.isPresent()
                    && attempt instanceof Attempt.Refused refused
                    && isAboutOption(refused.reason())) {
                log.info(
                        "connecting without {}: {}",
                        CompressionOption.NAME,
                        refused.reason().message());
                return at(address, Optional.empty());
            }
            return CompletableFuture.completedFuture(attempt);
        });
    }

    /** Older PgBouncers say FATAL 08P01 "unsupported startup parameter: …". */
    private static boolean isAboutOption(PgException reason) {
        return reason.sqlState().equals(SqlState.PROTOCOL_VIOLATION)
                || reason.sqlState().equals(SqlState.FEATURE_NOT_SUPPORTED)
                || reason.message().contains(CompressionOption.NAME);
    }

    private CompletableFuture<Attempt> at(InetAddress address, Optional<CompressionOption> asked) {
        List<Way> ways = ways();
        UpstreamHandshake first = new UpstreamHandshake();
        return at(address, asked, ways.getFirst(), first).thenCompose(attempt -> {
            if (ways.size() == 1 || !first.mayBeTriedOtherwise() || !(attempt instanceof Attempt.Refused refused)) {
                return CompletableFuture.completedFuture(attempt);
            }
            return at(address, asked, ways.get(1), new UpstreamHandshake())
                    .thenApply(second -> second.after(refused.reason()));
        });
    }

    private CompletableFuture<Attempt> at(
            InetAddress address, Optional<CompressionOption> asked, Way way, UpstreamHandshake handshake) {
        CompletableFuture<UpstreamLogin> login = new CompletableFuture<>();
        CompletableFuture<Attempt> result = new CompletableFuture<>();
        ChannelFuture connecting =
                bootstrap(login, asked, way, handshake).connect(new InetSocketAddress(address, host().port()));
        connecting.addListener(connected -> {
            if (!connected.isSuccess()) {
                result.complete(new Attempt.Unreachable(
                        failure(address, why(connected.cause())).withCause(connected.cause())));
            }
        });
        login.thenCompose(candidate.target()::check).whenComplete((outcome, failure) -> {
            if (failure == null) {
                result.complete(outcome.map(wrong -> (Attempt) new Attempt.Unsuitable(failure(address, wrong)))
                        .orElseGet(() -> new Attempt.LoggedIn(login.join())));
            } else {
                result.complete(Attempt.failed(told(address, failure)));
            }
        });
        limitTime(result, address);
        return result.whenComplete((attempt, defect) -> {
            if (!(attempt instanceof Attempt.LoggedIn)) {
                connecting.channel().close();
            }
        });
    }

    /** A server that accepts a connection and says nothing is left, too: each attempt would leave it one more. */
    private void limitTime(CompletableFuture<Attempt> result, InetAddress address) {
        long timeout = info.connectTimeout().toMillis();
        if (timeout > 0) {
            var late = loop.schedule(
                    () -> result.complete(new Attempt.Unreachable(failure(address, "timeout expired"))),
                    timeout,
                    TimeUnit.MILLISECONDS);
            result.whenComplete((attempt, defect) -> late.cancel(false));
        }
    }

    private Bootstrap bootstrap(
            CompletableFuture<UpstreamLogin> login,
            Optional<CompressionOption> asked,
            Way way,
            UpstreamHandshake handshake) {
        return new Bootstrap()
                .group(loop)
                .channel(transport.socket())
                // Its own default is 30 s; the time is limited for the whole of the login.
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .option(ChannelOption.TCP_NODELAY, true)
                // What a server has sent before it went is read to its end, though it takes nothing any more.
                .option(ChannelOption.AUTO_CLOSE, false)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        configure(channel);
                        ReceiveBuffer received = ReceiveBuffer.install(channel);
                        if (way == Way.TLS) {
                            channel.pipeline().addLast(new TlsLogin(info, host(), handshake, login));
                        }
                        channel.pipeline()
                                .addLast(new BackendDecoder(BackendLimits.DEFAULT, received), new FrontendEncoder())
                                .addLast(new LoginHandler(
                                        host(),
                                        candidate.index(),
                                        startup(asked),
                                        () -> new ClientAuthentication(
                                                info.user(), password(), handshake.binding(), bindingPolicy()),
                                        handshake,
                                        login));
                    }
                });
    }

    private void configure(SocketChannel channel) {
        if (info.keepalives()) {
            transport.keepAlive(
                    channel.config(), info.keepalivesIdle(), info.keepalivesInterval(), info.keepalivesCount());
        }
        transport.userTimeout(channel.config(), info.tcpUserTimeout());
    }

    private ChannelBindingPolicy bindingPolicy() {
        return info.option("channel_binding")
                .map(text -> ChannelBindingPolicy.valueOf(text.toUpperCase(Locale.ROOT)))
                .orElse(ChannelBindingPolicy.PREFER);
    }

    private StartupPacket.StartupMessage startup(Optional<CompressionOption> asked) {
        SequencedMap<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", info.user());
        parameters.put("database", "replication");
        parameters.put("replication", "true");
        parameters.put("application_name", applicationName);
        info.commandLineOptions().ifPresent(options -> parameters.put("options", options));
        asked.ifPresent(option -> parameters.put(CompressionOption.NAME, option.value()));
        return new StartupPacket.StartupMessage(3, 0, parameters);
    }

    private @Nullable String password() {
        Passfile.Lookup lookup = info.password(host());
        lookup.warnings().forEach(log::warn);
        return lookup.password().orElse(null);
    }

    /** In libpq's words: the host as written, and the address if that is not the same. */
    private PgException failure(InetAddress address, String why) {
        String written = host().target();
        String found = address.getHostAddress();
        return PgException.fatal(
                SqlState.CONNECTION_FAILURE,
                "connection to server at \"" + written + "\"" + (found.equals(written) ? "" : " (" + found + ")")
                        + ", port " + host().port() + " failed: " + why);
    }

    /** The server's own words, and which one has said them. */
    private PgException told(InetAddress address, Throwable failure) {
        PgException reason =
                PgException.of(failure, defect -> log.error("unexpected failure of a connection attempt", defect));
        return reason.withMessage(failure(address, reason.message()).message());
    }

    /** In libpq's words; the transport's own name the system call and an error number. */
    private static String why(Throwable cause) {
        return switch (cause) {
            case NoRouteToHostException noRoute -> "No route to host";
            case ConnectException refused ->
                "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?";
            default -> String.valueOf(cause.getMessage());
        };
    }
}
