package io.walrelay.wire.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.util.Optional;

/**
 * Which implementation of TLS is used: OpenSSL's (BoringSSL, by netty-tcnative) where its library loads, else the
 * JDK's.
 */
public final class TlsProvider {
    /** Bytes that one call encrypts, as several records: a message of WAL with its header. */
    private static final int WRAP = 160 << 10;

    private TlsProvider() {}

    static SslProvider best() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /** What takes long in a handshake is left to the executor; the JDK's implementation does so anyway. */
    static SslContextBuilder withTasks(SslContextBuilder builder) {
        return OpenSsl.isAvailable() ? builder.option(OpenSslContextOption.USE_TASKS, true) : builder;
    }

    /** How a connection's handler works: the time of a login is limited elsewhere, and messages are large. */
    static void tune(SslHandler handler) {
        handler.setHandshakeTimeoutMillis(0);
        handler.setWrapDataSize(WRAP);
    }

    /**
     * From now on each buffer is encrypted as it is: to join them, as is good for many small ones, takes a copy where a
     * large one is not alone.
     */
    public static void tuneForStreaming(SslHandler handler) {
        handler.setWrapDataSize(0);
    }

    /** Why the JDK's has to do; empty where it has not. It costs several times the processor time. */
    public static Optional<String> whyNotNative() {
        return OpenSsl.isAvailable()
                ? Optional.empty()
                : Optional.of(String.valueOf(OpenSsl.unavailabilityCause().getMessage()));
    }
}
