package io.walrelay.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.Optional;

/** The transport of this machine: epoll where its native library loads, else NIO. */
public enum Transport {
    EPOLL(EpollSocketChannel.class, EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory handlers() {
            return EpollIoHandler.newFactory();
        }

        @Override
        public void keepAlive(SocketChannelConfig config, Duration idle, Duration interval, int count) {
            super.keepAlive(config, idle, interval, count);
            if (idle.isPositive()) {
                config.setOption(EpollChannelOption.TCP_KEEPIDLE, (int) idle.toSeconds());
            }
            if (interval.isPositive()) {
                config.setOption(EpollChannelOption.TCP_KEEPINTVL, (int) interval.toSeconds());
            }
            if (count > 0) {
                config.setOption(EpollChannelOption.TCP_KEEPCNT, count);
            }
        }

        @Override
        public void userTimeout(SocketChannelConfig config, Duration timeout) {
            if (timeout.isPositive()) {
                config.setOption(EpollChannelOption.TCP_USER_TIMEOUT, (int) timeout.toMillis());
            }
        }

        @Override
        public Optional<Class<? extends Channel>> domainDatagram() {
            return Optional.of(EpollDomainDatagramChannel.class);
        }
    },
    NIO(NioSocketChannel.class, NioServerSocketChannel.class) {
        @Override
        IoHandlerFactory handlers() {
            return NioIoHandler.newFactory();
        }
    };

    private final Class<? extends SocketChannel> socket;
    private final Class<? extends ServerSocketChannel> serverSocket;

    Transport(Class<? extends SocketChannel> socket, Class<? extends ServerSocketChannel> serverSocket) {
        this.socket = socket;
        this.serverSocket = serverSocket;
    }

    /** The best that this machine offers. */
    public static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory handlers();

    /** Event loops whose threads carry this name. */
    public MultiThreadIoEventLoopGroup eventLoops(int threads, String name) {
        return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), handlers());
    }

    /** The class of channels that connect. */
    public Class<? extends SocketChannel> socket() {
        return socket;
    }

    /** The class of channels that listen. */
    public Class<? extends ServerSocketChannel> serverSocket() {
        return serverSocket;
    }

    /** Switches TCP keepalives on; zeros leave the system's defaults. NIO has no means to change those. */
    public void keepAlive(SocketChannelConfig config, Duration idle, Duration interval, int count) {
        config.setKeepAlive(true);
    }

    /** Sets {@code TCP_USER_TIMEOUT}; zero leaves the system's default. NIO has no means to set it. */
    public void userTimeout(SocketChannelConfig config, Duration timeout) {}

    /** The class of channels that send datagrams to a Unix-domain socket; NIO has none. */
    public Optional<Class<? extends Channel>> domainDatagram() {
        return Optional.empty();
    }
}
