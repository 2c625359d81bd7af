package io.walrelay.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.Passfile;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.wire.auth.ClientAuthentication;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.BackendLimits;
import io.walrelay.wire.codec.FrontendEncoder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.StartupPacket;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens replication connections to the upstream. Safe to use from any thread. */
public final class UpstreamConnector {
    private static final Logger log = LoggerFactory.getLogger(UpstreamConnector.class);
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final Transport transport;

    /** Connects with this transport, whose event loops callers give. */
    public UpstreamConnector(Transport transport) {
        this.transport = transport;
    }

    /**
     * Connects to the first host that lets us in, and logs in for physical replication.
     *
     * @param loop the event loop that is to serve the connection; the result completes there
     * @param first which of the hosts is tried first; those before it are tried last
     * @param applicationName what the upstream shows, and matches with {@code synchronous_standby_names}
     * @return fails with the last host's error, or 08006 if it cannot be reached or does not answer in time
     */
    public CompletableFuture<UpstreamLogin> connect(
            EventLoop loop, ConnectionInfo info, int first, String applicationName) {
        return tryInTurn(loop, info, candidates(info, first).iterator(), applicationName);
    }

    /** A host, and what it must be to do. */
    private record Candidate(int index, TargetSession target) {}

    private static List<Candidate> candidates(ConnectionInfo info, int first) {
        int count = info.hosts().size();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            order.add((first + i) % count);
        }
        if (info.option("load_balance_hosts").orElse("disable").equals("random")) {
            Collections.shuffle(order);
        }
        TargetSession target = TargetSession.of(info);
        List<Candidate> candidates = new ArrayList<>();
        order.forEach(index -> candidates.add(new Candidate(index, target)));
        if (target == TargetSession.PREFER_STANDBY) {
            order.forEach(index -> candidates.add(new Candidate(index, TargetSession.ANY)));
        }
        return candidates;
    }

    private CompletableFuture<UpstreamLogin> tryInTurn(
            EventLoop loop, ConnectionInfo info, Iterator<Candidate> candidates, String applicationName) {
        Candidate candidate = candidates.next();
        CompletableFuture<UpstreamLogin> attempt = connectTo(loop, info, candidate.index, applicationName)
                .thenCompose(login -> requireTarget(login, candidate.target));
        if (!candidates.hasNext()) {
            return attempt;
        }
        return attempt.exceptionallyCompose(failure -> {
            log.warn(
                    "could not connect to the primary server: {}",
                    reason(failure).message());
            return tryInTurn(loop, info, candidates, applicationName);
        });
    }

    private static PgException reason(Throwable failure) {
        return PgException.of(failure, defect -> log.error("unexpected failure of a connection attempt", defect));
    }

    private static CompletableFuture<UpstreamLogin> requireTarget(UpstreamLogin login, TargetSession target) {
        CompletableFuture<UpstreamLogin> accepted = target.refusal(login).thenApply(refusal -> {
            if (refusal.isPresent()) {
                throw PgException.fatal(
                        SqlState.CONNECTION_FAILURE,
                        "connection to server at \"" + login.host().target() + "\", port "
                                + login.host().port() + " failed: " + refusal.get());
            }
            return login;
        });
        return accepted.whenComplete((useful, failure) -> {
            if (failure != null) {
                login.channel().close();
            }
        });
    }

    private CompletableFuture<UpstreamLogin> connectTo(
            EventLoop loop, ConnectionInfo info, int index, String applicationName) {
        ConnectionInfo.Host host = info.hosts().get(index);
        CompletableFuture<UpstreamLogin> result = new CompletableFuture<>();
        Duration timeout = info.connectTimeout().isPositive() ? info.connectTimeout() : DEFAULT_TIMEOUT;
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(transport.socket())
                .resolver(OffLoopResolver.INSTANCE)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        configure(channel, info);
                        channel.pipeline()
                                .addLast(new BackendDecoder(BackendLimits.DEFAULT), new FrontendEncoder())
                                .addLast(new LoginHandler(
                                        host,
                                        index,
                                        startup(info, applicationName),
                                        new ClientAuthentication(info.user(), password(info, host), null),
                                        result));
                    }
                })
                .connect(host.target(), host.port());
        connecting.addListener(connected -> {
            if (!connected.isSuccess()) {
                result.completeExceptionally(unreachable(host, connected.cause()));
            }
        });
        return closeIfFailed(result, connecting.channel(), loop, host, timeout);
    }

    /** A server that accepts a connection and says nothing is left, too: each attempt would leave it one more. */
    private static CompletableFuture<UpstreamLogin> closeIfFailed(
            CompletableFuture<UpstreamLogin> result,
            Channel channel,
            EventLoop loop,
            ConnectionInfo.Host host,
            Duration timeout) {
        var late = loop.schedule(
                () -> result.completeExceptionally(
                        PgException.fatal(SqlState.CONNECTION_FAILURE, host + ": timeout expired")),
                timeout.toMillis() * 2,
                TimeUnit.MILLISECONDS);
        return result.whenComplete((login, failure) -> {
            late.cancel(false);
            if (failure != null) {
                channel.close();
            }
        });
    }

    private static @Nullable String password(ConnectionInfo info, ConnectionInfo.Host host) {
        Passfile.Lookup lookup = info.password(host);
        lookup.warnings().forEach(log::warn);
        return lookup.password().orElse(null);
    }

    private void configure(SocketChannel channel, ConnectionInfo info) {
        if (info.keepalives()) {
            transport.keepAlive(
                    channel.config(), info.keepalivesIdle(), info.keepalivesInterval(), info.keepalivesCount());
        }
        transport.userTimeout(channel.config(), info.tcpUserTimeout());
    }

    private static StartupPacket.StartupMessage startup(ConnectionInfo info, String applicationName) {
        SequencedMap<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", info.user());
        parameters.put("database", "replication");
        parameters.put("replication", "true");
        parameters.put("application_name", applicationName);
        info.commandLineOptions().ifPresent(options -> parameters.put("options", options));
        return new StartupPacket.StartupMessage(3, 0, parameters);
    }

    private static PgException unreachable(ConnectionInfo.Host host, Throwable cause) {
        String message = cause instanceof UnknownHostException
                ? "could not translate host name \"" + host.target() + "\" to address: Name or service not known"
                : "connection to server at \"" + host.target() + "\", port " + host.port() + " failed: " + why(cause);
        return PgException.fatal(SqlState.CONNECTION_FAILURE, message).withCause(cause);
    }

    /** In libpq's words; the transport's own name the system call and an error number. */
    private static String why(Throwable cause) {
        return switch (cause) {
            case ConnectTimeoutException timeout -> "timeout expired";
            case NoRouteToHostException noRoute -> "No route to host";
            case ConnectException refused ->
                "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?";
            default -> String.valueOf(cause.getMessage());
        };
    }

    /** Asks the upstream to cancel what runs on {@code login}, on a connection of its own. */
    public void cancel(EventLoop loop, UpstreamLogin login) {
        new Bootstrap()
                .group(loop)
                .channel(transport.socket())
                .resolver(OffLoopResolver.INSTANCE)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new FrontendEncoder());
                    }
                })
                .connect(login.host().target(), login.host().port())
                .addListener((ChannelFuture connected) -> {
                    Channel channel = connected.channel();
                    if (connected.isSuccess()) {
                        channel.writeAndFlush(new StartupPacket.CancelRequest(login.pid(), login.key()))
                                .addListener(sent -> channel.close());
                    }
                });
    }
}
