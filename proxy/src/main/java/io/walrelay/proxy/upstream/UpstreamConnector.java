package io.walrelay.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
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
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
     * Connects to the first host that lets us in, in their order, and logs in for physical replication.
     *
     * @param loop the event loop that is to serve the connection; the result completes there
     * @param applicationName what the upstream shows, and matches with {@code synchronous_standby_names}
     * @return fails with the last host's error, or 08006 if it cannot be reached or does not answer in time
     */
    public CompletableFuture<UpstreamLogin> connect(EventLoop loop, ConnectionInfo info, String applicationName) {
        return connect(loop, info, info.hosts().iterator(), applicationName);
    }

    private CompletableFuture<UpstreamLogin> connect(
            EventLoop loop, ConnectionInfo info, Iterator<ConnectionInfo.Host> hosts, String applicationName) {
        CompletableFuture<UpstreamLogin> attempt = connectTo(loop, info, hosts.next(), applicationName);
        if (!hosts.hasNext()) {
            return attempt;
        }
        return attempt.exceptionallyCompose(failure -> {
            log.warn("could not connect to the primary server: {}", failure.getMessage());
            return connect(loop, info, hosts, applicationName);
        });
    }

    private CompletableFuture<UpstreamLogin> connectTo(
            EventLoop loop, ConnectionInfo info, ConnectionInfo.Host host, String applicationName) {
        CompletableFuture<UpstreamLogin> result = new CompletableFuture<>();
        Duration timeout = info.connectTimeout().isPositive() ? info.connectTimeout() : DEFAULT_TIMEOUT;
        new Bootstrap()
                .group(loop)
                .channel(transport.socket())
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
                                        startup(info, applicationName),
                                        new ClientAuthentication(info.user(), password(info, host), null),
                                        result));
                    }
                })
                .connect(host.target(), host.port())
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        result.completeExceptionally(unreachable(host, connected.cause()));
                    }
                });
        return closeIfLate(result, loop, host, timeout);
    }

    private CompletableFuture<UpstreamLogin> closeIfLate(
            CompletableFuture<UpstreamLogin> result, EventLoop loop, ConnectionInfo.Host host, Duration timeout) {
        var late = loop.schedule(
                () -> result.completeExceptionally(
                        PgException.fatal(SqlState.CONNECTION_FAILURE, host + ": timeout expired")),
                timeout.toMillis() * 2,
                TimeUnit.MILLISECONDS);
        return result.whenComplete((login, failure) -> late.cancel(false));
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
        return PgException.fatal(
                        SqlState.CONNECTION_FAILURE,
                        "connection to server at \"" + host.target() + "\", port " + host.port() + " failed: "
                                + cause.getMessage())
                .withCause(cause);
    }

    /** Asks the upstream to cancel what runs on {@code login}, on a connection of its own. */
    public void cancel(EventLoop loop, UpstreamLogin login) {
        new Bootstrap()
                .group(loop)
                .channel(transport.socket())
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
