package io.walrelay.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Passes bytes on and understands none of them: what looks like a relay and is none. It can cut its connections,
 * damage what it passes on, and be a slow network.
 */
public final class Forwarder implements Relay {
    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicReference<byte @Nullable []> toDamage = new AtomicReference<>();
    private final AtomicLong passed = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicInteger damageIn = new AtomicInteger();
    private volatile int bytesPerSecond = Integer.MAX_VALUE;

    /** Listens on a free port of 127.0.0.1, and forwards to another. */
    public Forwarder(int target) throws IOException {
        this.target = target;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    @Override
    public int port() {
        return listener.getLocalPort();
    }

    /** Cuts every connection there is. */
    public void cut() {
        sockets.forEach(Forwarder::closeQuietly);
    }

    /** Passes on no more than so many bytes per second of what the server sends on each connection made from now on. */
    public Forwarder throttle(int most) {
        bytesPerSecond = most;
        return this;
    }

    /** How many bytes from the server have been passed on. */
    public long passed() {
        return passed.get();
    }

    /** How many bytes to the server have been passed on. */
    public long answered() {
        return answered.get();
    }

    /** Flips one bit of the next occurrence of a text in what the server sends. */
    public void damageOnce(String text) {
        toDamage.set(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Flips one bit in the next piece of at least so many bytes that the server sends. */
    public void damageNext(int least) {
        damageIn.set(least);
    }

    /** Whether {@link #damageNext} has been done. */
    public boolean hasDamagedNext() {
        return damageIn.get() == 0;
    }

    /** Whether the bit has been flipped. */
    public boolean hasDamaged() {
        return toDamage.get() == null;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket();
                if (bytesPerSecond < Integer.MAX_VALUE) {
                    // The kernel is not to read ahead for minutes.
                    server.setReceiveBufferSize(bytesPerSecond);
                }
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                pump(client, server);
                pump(server, client);
            } catch (IOException e) {
                if (!listener.isClosed() && listener.isBound()) {
                    continue; // the server is not there; the client sees its connection closed
                }
                return;
            }
        }
    }

    private void pump(Socket from, Socket to) {
        sockets.add(from);
        Thread.ofVirtual().start(() -> {
            try (from;
                    to) {
                boolean fromServer = from.getPort() == target;
                int rate = fromServer ? bytesPerSecond : Integer.MAX_VALUE;
                byte[] buffer = new byte[Math.min(1 << 16, rate)];
                for (int read = from.getInputStream().read(buffer); read >= 0; ) {
                    if (fromServer) {
                        damage(buffer, read);
                        passed.addAndGet(read);
                    } else {
                        answered.addAndGet(read);
                    }
                    to.getOutputStream().write(buffer, 0, read);
                    if (rate < Integer.MAX_VALUE) {
                        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(read) / rate);
                    }
                    read = from.getInputStream().read(buffer);
                }
            } catch (IOException e) {
                // Either side has gone.
            } finally {
                sockets.remove(from);
            }
        });
    }

    private void damage(byte[] buffer, int length) {
        int least = damageIn.get();
        if (least > 0 && length >= least && damageIn.compareAndSet(least, 0)) {
            buffer[length / 2] ^= 1;
        }
        byte[] text = toDamage.get();
        if (text == null) {
            return;
        }
        for (int at = 0; at + text.length <= length; at++) {
            if (Arrays.equals(buffer, at, at + text.length, text, 0, text.length)) {
                if (toDamage.compareAndSet(text, null)) {
                    buffer[at] ^= 1;
                }
                return;
            }
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
