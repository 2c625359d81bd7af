package io.walrelay.proxy.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** TCP ports of 127.0.0.1 for servers whose configuration has to name one. */
public final class FreePort {
    private FreePort() {}

    /** A port on which nothing listens at the moment. */
    public static int next() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
