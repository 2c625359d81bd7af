package io.walrelay.bench.client;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Finds the moment from which on a server takes replication clients. */
public final class LoginProbe {
    private static final int PROTOCOL_3_0 = 3 << 16;
    private static final int TIMEOUT_MILLIS = 5000;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private LoginProbe() {}

    /** Tries again and again; returns as soon as one client has been let in at a port of 127.0.0.1. */
    public static void await(int port, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!isLetIn(port)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("nobody is let in at port " + port);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /**
     * The first answer to a start-up message is an authentication request, which says that all is well, or an error.
     */
    private static boolean isLetIn(int port) {
        byte[] parameters =
                "user\0postgres\0database\0replication\0replication\0true\0\0".getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(8 + parameters.length);
            out.writeInt(PROTOCOL_3_0);
            out.write(parameters);
            return socket.getInputStream().read() == 'R';
        } catch (IOException notYet) {
            return false;
        }
    }
}
