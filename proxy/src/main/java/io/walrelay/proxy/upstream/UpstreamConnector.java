package io.walrelay.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.wire.codec.FrontendEncoder;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.StartupPacket;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens replication connections to the upstream, as libpq does (PostgreSQL: Database Connection Control Functions,
 * Specifying Multiple Hosts): host by host, and address by address where a name has several. Safe to use from any
 * thread.
 */
public final class UpstreamConnector {
    private static final Logger log = LoggerFactory.getLogger(UpstreamConnector.class);

    private final Transport transport;
    private final HostLookup lookup;
    private final Supplier<RandomGenerator> random;

    /** Connects with this transport, whose event loops callers give. */
    public UpstreamConnector(Transport transport) {
        this(transport, HostLookup.SYSTEM, ThreadLocalRandom::current);
    }

    UpstreamConnector(Transport transport, HostLookup lookup, Supplier<RandomGenerator> random) {
        this.transport = transport;
        this.lookup = lookup;
        this.random = random;
    }

    /**
     * Connects to the first host that will do, and logs in for physical replication.
     *
     * @param loop the event loop that is to serve the connection; the result completes there
     * @param first which of the hosts is tried first, unless {@code load_balance_hosts} has the order drawn; those
     *     before it are tried last
     * @param applicationName what the upstream shows, and matches with {@code synchronous_standby_names}
     * @return fails with the error of a server that refuses us, else with the last host's, 08006 if it cannot be
     *     reached or does not answer in time
     */
    public CompletableFuture<UpstreamLogin> connect(
            EventLoop loop, ConnectionInfo info, int first, String applicationName) {
        return connect(loop, info, first, applicationName, Optional.empty());
    }

    /** As {@link #connect}, and asks the server to compress the WAL that it sends. */
    public CompletableFuture<UpstreamLogin> connect(
            EventLoop loop,
            ConnectionInfo info,
            int first,
            String applicationName,
            Optional<CompressionOption> compression) {
        HostOrder order = new HostOrder(info, random.get());
        return new Search(loop, info, order, applicationName, compression)
                .next(order.candidates(first).iterator());
    }

    /** As {@link #connect}, but {@code first} is tried first in any case. */
    public CompletableFuture<UpstreamLogin> connectFrom(
            EventLoop loop, ConnectionInfo info, int first, String applicationName) {
        HostOrder order = new HostOrder(info, random.get());
        return new Search(loop, info, order, applicationName, Optional.empty())
                .next(order.candidatesFrom(first).iterator());
    }

    /** One walk through hosts and addresses. */
    private final class Search {
        private final EventLoop loop;
        private final ConnectionInfo info;
        private final HostOrder order;
        private final String applicationName;
        private final Optional<CompressionOption> compression;

        Search(
                EventLoop loop,
                ConnectionInfo info,
                HostOrder order,
                String applicationName,
                Optional<CompressionOption> compression) {
            this.loop = loop;
            this.info = info;
            this.order = order;
            this.applicationName = applicationName;
            this.compression = compression;
        }

        CompletableFuture<UpstreamLogin> next(Iterator<HostOrder.Candidate> candidates) {
            HostOrder.Candidate candidate = candidates.next();
            return attempt(candidate).thenCompose(attempt -> switch (attempt) {
                case Attempt.LoggedIn in -> CompletableFuture.completedFuture(in.login());
                case Attempt.Refused refused -> CompletableFuture.failedFuture(refused.reason());
                case Attempt.Unreachable unreachable -> orNext(candidates, unreachable.reason());
                case Attempt.Unsuitable unsuitable -> orNext(candidates, unsuitable.reason());
            });
        }

        private CompletableFuture<UpstreamLogin> orNext(Iterator<HostOrder.Candidate> candidates, PgException reason) {
            if (!candidates.hasNext()) {
                return CompletableFuture.failedFuture(reason);
            }
            log.warn("could not connect to the primary server: {}", reason.message());
            return next(candidates);
        }

        private CompletableFuture<Attempt> attempt(HostOrder.Candidate candidate) {
            String host = info.hosts().get(candidate.index()).target();
            AddressLogin login = new AddressLogin(transport, loop, info, candidate, applicationName, compression);
            return lookup.addresses(host)
                    .handleAsync(
                            (found, failure) -> failure == null
                                    ? atEach(login, order.addresses(found).iterator())
                                    : CompletableFuture.completedFuture(
                                            (Attempt) new Attempt.Unsuitable(unknown(host))),
                            loop)
                    .thenCompose(attempt -> attempt);
        }

        private CompletableFuture<Attempt> atEach(AddressLogin login, Iterator<InetAddress> addresses) {
            return login.at(addresses.next()).thenCompose(attempt -> {
                if (attempt instanceof Attempt.Unreachable unreachable && addresses.hasNext()) {
                    log.warn(
                            "could not connect to the primary server: {}",
                            unreachable.reason().message());
                    return atEach(login, addresses);
                }
                return CompletableFuture.completedFuture(attempt);
            });
        }
    }

    private static PgException unknown(String host) {
        return PgException.fatal(
                SqlState.CONNECTION_FAILURE,
                "could not translate host name \"" + host + "\" to address: Name or service not known");
    }

    /** Asks the upstream to cancel what runs on {@code login}, on a connection of its own to the same address. */
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
                .connect(login.channel().remoteAddress())
                .addListener((ChannelFuture connected) -> {
                    Channel channel = connected.channel();
                    if (connected.isSuccess()) {
                        channel.writeAndFlush(new StartupPacket.CancelRequest(login.pid(), login.key()))
                                .addListener(sent -> channel.close());
                    }
                });
    }
}
