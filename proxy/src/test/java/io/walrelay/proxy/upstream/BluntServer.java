package io.walrelay.proxy.upstream;

import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that lets nobody in: it says one thing to all who connect, or nothing at all, and waits. */
final class BluntServer implements AutoCloseable {
    private final ServerSocket listener;
    private final CopyOnWriteArrayList<Socket> visitors = new CopyOnWriteArrayList<>();

    private BluntServer(String address, int port, byte[] answer) throws IOException {
        this.listener = new ServerSocket();
        listener.bind(new InetSocketAddress(address, port));
        Thread.ofPlatform().daemon().name("blunt-server").start(() -> {
            try {
                while (true) {
                    Socket visitor = listener.accept();
                    visitors.add(visitor);
                    visitor.getOutputStream().write(answer);
                }
            } catch (IOException closed) {
                // The test is over, or the visitor has gone.
            }
        });
    }

    /** Answers with a FATAL error; {@code port} 0 for any. */
    static BluntServer refusing(String address, int port, SqlState state, String message) throws IOException {
        String fields = "SFATAL\0VFATAL\0C" + state.code() + "\0M" + message + "\0\0";
        byte[] body = fields.getBytes(StandardCharsets.US_ASCII);
        byte[] answer = new byte[body.length + 5];
        answer[0] = 'E';
        answer[4] = (byte) (body.length + 4);
        System.arraycopy(body, 0, answer, 5, body.length);
        return new BluntServer(address, port, answer);
    }

    static BluntServer silent(String address, int port) throws IOException {
        return new BluntServer(address, port, new byte[0]);
    }

    int port() {
        return listener.getLocalPort();
    }

    int visitors() {
        return visitors.size();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket visitor : visitors) {
            visitor.close();
        }
    }
}
