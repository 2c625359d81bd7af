package io.walrelay.bench.client;

import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.replication.Lsn;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients that follow the end of one server's WAL live, and note when it arrives, with this process's clock. */
public final class Followers implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final MultiThreadIoEventLoopGroup loops;
    private final List<Channel> channels = new ArrayList<>();
    private final List<Arrivals> arrivals = new ArrayList<>();

    /** Connects them to a port of 127.0.0.1, and has them stream what comes after a position. */
    public Followers(int port, int count, String applicationName, Lsn from) throws IOException {
        loops = Transport.best()
                .eventLoops(Math.min(count, Runtime.getRuntime().availableProcessors()), "bench-follower");
        try {
            List<Login> logins = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Arrivals own = new Arrivals();
                Login login = new Login(applicationName, new WalReader(own));
                logins.add(login);
                arrivals.add(own);
                channels.add(WalClients.connect(loops, port, login, Optional.empty()));
            }
            for (Login login : logins) {
                WalClients.await(login.ready(), PATIENCE);
            }
            channels.forEach(channel -> channel.writeAndFlush(Login.startReplication(from.toString())));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Waits until something behind a position has arrived at all of them. */
    public void awaitAll(Lsn position) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (Arrivals one : arrivals) {
            while (one.last() <= position.value()) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("a follower is at " + new Lsn(one.last()) + " and not behind " + position);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    /** The {@link System#nanoTime} at which something behind a position had arrived at the last of them. */
    public long lastArrival(Lsn position) {
        return arrivals.stream()
                .mapToLong(one -> one.firstBehind(position.value()))
                .max()
                .orElseThrow();
    }

    @Override
    public void close() {
        channels.forEach(Channel::close);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
