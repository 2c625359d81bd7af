package io.walrelay.it.support;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A client of TLS that does what it should not: it shares no code with the relay, and trusts anybody. */
public final class TlsSocket implements Closeable {
    private static final int SSL_REQUEST = 80877103;
    private static final int PATIENCE_MILLIS = 10_000;

    private final SSLSocket socket;

    private TlsSocket(SSLSocket socket) {
        this.socket = socket;
    }

    /** Asks for TLS, with something in the clear in the same packet, and shakes hands. */
    public static TlsSocket requesting(int port, byte[] behind) throws IOException {
        Socket plain = plain(port);
        plain.getOutputStream()
                .write(ByteBuffer.allocate(8 + behind.length)
                        .putInt(8)
                        .putInt(SSL_REQUEST)
                        .put(behind)
                        .array());
        int answer = plain.getInputStream().read();
        if (answer != 'S') {
            throw new IOException("the server answered " + answer);
        }
        return over(plain);
    }

    /** Begins with the handshake, and asks for these protocols by ALPN. */
    public static TlsSocket direct(int port, String... protocols) throws IOException {
        return over(plain(port), protocols);
    }

    private static Socket plain(int port) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        plain.setTcpNoDelay(true);
        plain.setSoTimeout(PATIENCE_MILLIS);
        return plain;
    }

    private static TlsSocket over(Socket plain, String... protocols) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAnybody()}, null);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", 0, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(protocols);
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return new TlsSocket(socket);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** The serial number of the certificate that a server has now. */
    public static String serialAt(int port) throws IOException {
        try (TlsSocket socket = requesting(port, new byte[0])) {
            X509Certificate certificate =
                    (X509Certificate) socket.socket.getSession().getPeerCertificates()[0];
            return certificate.getSerialNumber().toString();
        }
    }

    /** The protocol that was agreed on; empty for none. */
    public String protocol() {
        return socket.getApplicationProtocol();
    }

    /** Sends bytes. */
    public TlsSocket send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** The next byte; -1 where the server has closed. */
    public int read() throws IOException {
        return socket.getInputStream().read();
    }

    /** All that the server sends until it closes, NULs shown as line ends. */
    public String readAll() throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        in.transferTo(all);
        return all.toString(StandardCharsets.ISO_8859_1).replace('\0', '\n');
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class TrustsAnybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
