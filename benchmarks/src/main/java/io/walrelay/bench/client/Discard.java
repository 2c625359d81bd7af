package io.walrelay.bench.client;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import io.walrelay.bench.libc.CLibrary;
import io.walrelay.proxy.transport.Transport;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Receives without looking: the kernel frees what has arrived instead of copying it, so that a client costs as little of
 * the machine that it shares with the server as can be.
 *
 * <p>Source: tcp(7), MSG_TRUNC.
 */
public final class Discard {
    private static final int F_SETFL = 4;
    private static final int O_RDWR = 2;
    private static final int MSG_TRUNC = 0x20;
    private static final long PIECE = 1 << 20;

    private final CLibrary.Control fcntl;
    private final CLibrary.Receive recv;

    private Discard(CLibrary library) throws IOException {
        fcntl = library.fcntl();
        recv = library.recv();
    }

    /** Empty where this Java, or the transport, cannot do it. */
    public static Optional<Discard> find() {
        if (Transport.best() != Transport.EPOLL) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Discard(new CLibrary()));
        } catch (IOException notHere) {
            return Optional.empty();
        }
    }

    /** Takes so many bytes from a channel that does not read of itself, on a thread of its own. */
    CompletableFuture<Void> begin(Channel channel, long bytes) throws IOException {
        int descriptor = ((UnixChannel) channel).fd().intValue();
        // The thread waits in recv; what Netty still sends is so little that it does not wait.
        if (fcntl.call(descriptor, F_SETFL, O_RDWR) < 0) {
            throw new IOException("the socket stays as it is");
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("bench-discard").start(() -> receive(descriptor, bytes, done));
        return done;
    }

    private void receive(int descriptor, long bytes, CompletableFuture<Void> done) {
        for (long left = bytes; left > 0; ) {
            long count = recv.call(descriptor, 0, Math.min(left, PIECE), MSG_TRUNC);
            if (count <= 0) {
                done.completeExceptionally(new IOException("the server closed the connection"));
                return;
            }
            left -= count;
        }
        done.complete(null);
    }
}
