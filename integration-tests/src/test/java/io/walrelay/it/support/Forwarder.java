package io.walrelay.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Passes bytes on and understands none of them: what looks like a relay and is none. It can cut its connections,
 * and damage what it passes on.
 */
public final class Forwarder implements Relay {
    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicReference<byte @Nullable []> toDamage = new AtomicReference<>();

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

    /** Flips one bit of the next occurrence of a text in what the server sends. */
    public void damageOnce(String text) {
        toDamage.set(text.getBytes(StandardCharsets.US_ASCII));
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
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
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
                byte[] buffer = new byte[1 << 16];
                for (int read = from.getInputStream().read(buffer); read >= 0; ) {
                    if (from.getPort() == target) {
                        damage(buffer, read);
                    }
                    to.getOutputStream().write(buffer, 0, read);
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
