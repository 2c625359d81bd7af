package io.walrelay.bench.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.BackendLimits;
import io.walrelay.wire.codec.FrontendEncoder;
import io.walrelay.wire.tls.ClientContext;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Replication clients that take WAL from one server and throw it away: one thread for each core, few and large reads,
 * no status updates. Connecting and logging in is apart from streaming, so that it need not be counted.
 */
public final class WalClients implements Closeable {
    /** Of one read from a socket; in the second-level cache of a core. */
    private static final int READ_BYTES = 256 * 1024;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final MultiThreadIoEventLoopGroup loops =
            Transport.best().eventLoops(Runtime.getRuntime().availableProcessors(), "bench-client");
    private final List<Channel> channels = new ArrayList<>();
    private final List<WalReader> readers = new ArrayList<>();

    /**
     * Connects clients to a port of 127.0.0.1 and logs them in.
     *
     * @param encrypted whether with TLS, of version 1.3
     */
    public WalClients(int port, int count, String applicationName, boolean encrypted) throws IOException {
        try {
            List<CompletableFuture<Void>> ready = new ArrayList<>();
            Optional<ClientContext> tls = encrypted ? Optional.of(Tls.context()) : Optional.empty();
            for (int i = 0; i < count; i++) {
                WalReader reader = new WalReader(null);
                Login login = new Login(applicationName, reader);
                readers.add(reader);
                ready.add(login.ready());
                channels.add(connect(loops, port, login, tls));
            }
            for (CompletableFuture<Void> one : ready) {
                await(one, PATIENCE);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Has all of them stream, and waits until each has what is between two positions. */
    public void pull(Lsn from, Lsn to, Duration limit) throws IOException {
        List<CompletableFuture<Void>> arrived = new ArrayList<>();
        for (WalReader reader : readers) {
            arrived.add(reader.arrival(to.value()));
        }
        start(from);
        for (CompletableFuture<Void> one : arrived) {
            await(one, limit);
        }
    }

    private void start(Lsn from) {
        channels.forEach(channel -> channel.writeAndFlush(Login.startReplication(from.toString())));
    }

    @Override
    public void close() {
        channels.forEach(Channel::close);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** A connection that logs in by itself. */
    static Channel connect(MultiThreadIoEventLoopGroup loops, int port, Login login, Optional<ClientContext> tls) {
        return new Bootstrap()
                .group(loops)
                .channel(Transport.best().socket())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        tls.ifPresent(context -> channel.pipeline().addLast(new Tls(context)));
                        channel.pipeline()
                                .addLast(new FrontendEncoder())
                                .addLast(Login.DECODER, new BackendDecoder(BackendLimits.DEFAULT))
                                .addLast(login);
                    }
                })
                .connect("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
    }

    /** Waits for something, and fails as it does. */
    static void await(CompletableFuture<Void> future, Duration limit) throws IOException {
        try {
            future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("not done within " + limit.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
