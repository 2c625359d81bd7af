package io.walrelay.proxy.session;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.codec.StartupDecoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on {@code listen_addresses} and {@code port}, and gives each connection its handlers. */
public final class Listener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);

    /** What may wait in one client's socket queue: a few messages of WAL. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 << 10, 512 << 10);

    private final List<Channel> channels = new ArrayList<>();

    /**
     * Binds every address.
     *
     * @param mockSecret makes the salts of users that do not exist; always the same for one data directory
     * @throws IOException if none can be bound
     */
    public Listener(Transport transport, EventLoopGroup clientLoops, Downstream downstream, byte[] mockSecret)
            throws IOException {
        Configuration configuration = downstream.configuration().get();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(clientLoops)
                .channel(transport.serverSocket())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 256)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, new RegionsCount())
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        PendingLogins.Admission admission =
                                downstream.sessions().pending().add(channel);
                        if (admission == PendingLogins.Admission.CLOSED) {
                            channel.close();
                            return;
                        }
                        configure(transport, channel, downstream.configuration().get());
                        Encryption encryption = new Encryption(downstream);
                        channel.pipeline()
                                .addLast(new FirstByte(encryption, downstream::major))
                                .addLast("decoder", new StartupDecoder())
                                .addLast("encoder", new BackendEncoder())
                                .addLast("session", new StartupHandler(downstream, mockSecret, encryption, admission));
                    }
                });
        int port = configuration.get(Settings.PORT);
        for (InetAddress address : addresses(configuration.get(Settings.LISTEN_ADDRESSES))) {
            bind(bootstrap, new InetSocketAddress(address, port));
        }
        if (channels.isEmpty()) {
            throw new IOException("could not create any TCP/IP sockets");
        }
    }

    private static void configure(Transport transport, SocketChannel channel, Configuration configuration) {
        transport.keepAlive(
                channel.config(),
                configuration.get(Settings.TCP_KEEPALIVES_IDLE),
                configuration.get(Settings.TCP_KEEPALIVES_INTERVAL),
                configuration.get(Settings.TCP_KEEPALIVES_COUNT));
        transport.userTimeout(channel.config(), configuration.get(Settings.TCP_USER_TIMEOUT));
    }

    private static List<InetAddress> addresses(List<String> names) throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        for (String name : names) {
            if (name.equals("*")) {
                addresses.add(new InetSocketAddress(0).getAddress());
                continue;
            }
            try {
                addresses.addAll(List.of(InetAddress.getAllByName(name)));
            } catch (UnknownHostException e) {
                log.error("could not translate host name \"{}\" to address: {}", name, e.getMessage());
            }
        }
        return addresses;
    }

    private void bind(ServerBootstrap bootstrap, InetSocketAddress address) {
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (bound.isSuccess()) {
            channels.add(bound.channel());
            log.info("listening on {}, port {}", address.getAddress().getHostAddress(), port(bound.channel()));
        } else {
            log.error(
                    "could not bind address \"{}\", port {}: {}\nHINT:  Is another server already running on port {}?",
                    address.getAddress().getHostAddress(),
                    address.getPort(),
                    bound.cause().getMessage(),
                    address.getPort());
        }
    }

    /** The port that is listened on. */
    public int port() {
        return port(channels.getFirst());
    }

    private static int port(Channel channel) {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Accepts no more connections; those that are there stay. */
    @Override
    public void close() {
        channels.forEach(channel -> channel.close().awaitUninterruptibly());
    }

    /** File regions count as what they send, so that a channel with much of it waiting is not writable. */
    private static final class RegionsCount implements MessageSizeEstimator {
        private static final Handle HANDLE = message -> switch (message) {
            case ByteBuf buffer -> buffer.readableBytes();
            case FileRegion region -> (int) Math.min(Integer.MAX_VALUE, region.count() - region.transferred());
            default -> 0;
        };

        @Override
        public Handle newHandle() {
            return HANDLE;
        }
    }
}
