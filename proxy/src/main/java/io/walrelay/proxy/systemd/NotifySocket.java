package io.walrelay.proxy.systemd;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import io.walrelay.proxy.transport.Transport;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What systemd is told over the socket that {@code NOTIFY_SOCKET} names: ready, reloading, stopping, and one line of
 * status that {@code systemctl status} shows, as PostgreSQL's processes show theirs in {@code ps}. Without such a
 * socket nothing is told. Any thread; a message that systemd does not take is lost.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</a>
 */
public final class NotifySocket implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NotifySocket.class);

    /** How long the last message may take to leave, in seconds. */
    private static final long LAST_WORD = 1;

    private final Optional<Channel> socket;
    private volatile String status = "";

    private NotifySocket(Optional<Channel> socket) {
        this.socket = socket;
    }

    /**
     * The socket of that path, which may be abstract ({@code @name}).
     *
     * @param path the value of {@code NOTIFY_SOCKET}, or null where it is not set
     * @param loop that writes to it
     */
    public static NotifySocket open(@Nullable String path, Transport transport, EventLoop loop) {
        if (path == null || path.isEmpty()) {
            return new NotifySocket(Optional.empty());
        }
        Optional<Class<? extends Channel>> type = transport.domainDatagram();
        if (type.isEmpty()) {
            log.warn("could not notify the service manager: Netty's native epoll transport is not available");
            return new NotifySocket(Optional.empty());
        }
        String address = path.startsWith("@") ? "\0" + path.substring(1) : path;
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(type.get())
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new DomainSocketAddress(address))
                .awaitUninterruptibly();
        if (!connected.isSuccess()) {
            log.warn(
                    "could not notify the service manager at \"{}\": {}",
                    path,
                    String.valueOf(connected.cause().getMessage()));
            return new NotifySocket(Optional.empty());
        }
        return new NotifySocket(Optional.of(connected.channel()));
    }

    /** It serves, or does again after {@link #reloading}. */
    public void ready() {
        send("READY=1");
    }

    /** It reads its settings again; {@link #ready} follows. */
    public void reloading() {
        // systemd compares with CLOCK_MONOTONIC, which is what nanoTime reads on Linux.
        send("RELOADING=1\nMONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
    }

    /** It drains and stops. */
    public void stopping() {
        send("STOPPING=1");
    }

    /** What it does, in one line; told when it has changed. */
    public void status(String line) {
        if (!line.equals(status)) {
            status = line;
            send("STATUS=" + line.replace('\n', ' '));
        }
    }

    private void send(String message) {
        socket.ifPresent(channel ->
                channel.writeAndFlush(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8), channel.voidPromise()));
    }

    @Override
    public void close() {
        socket.ifPresent(channel -> channel.close().awaitUninterruptibly(LAST_WORD, TimeUnit.SECONDS));
    }
}
