package io.walrelay.wire.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;

/**
 * The client's side of TLS as libpq has it: the server's chain is checked where roots are known, its name is not (that
 * is {@link ServerName}'s), and {@code postgresql} is asked for by ALPN. Mirrors {@code initialize_SSL}.
 */
public final class ClientContext {
    private final SslContext context;

    private ClientContext(SslContext context) {
        this.context = context;
    }

    /**
     * Makes one.
     *
     * @param trust without it any certificate will do
     * @param identity what the server gets if it asks for a certificate, whoever it says it trusts
     * @throws SSLException if the library refuses it
     */
    public static ClientContext of(
            Optional<CertificateTrust> trust, Optional<Identity> identity, TlsVersion least, TlsVersion most)
            throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(TlsProvider.best())
                .protocols(TlsVersion.range(least, most))
                .applicationProtocolConfig(Alpn.CONFIG)
                .endpointIdentificationAlgorithm("");
        if (trust.isPresent()) {
            builder.trustManager(trust.get());
        } else {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
        }
        identity.ifPresent(own -> builder.keyManager(new OnlyIdentity(own)));
        return new ClientContext(TlsProvider.withTasks(builder).build());
    }

    /**
     * The handler of one connection.
     *
     * @param name what the server is told that it is taken for; empty to tell it nothing
     */
    public SslHandler handler(ByteBufAllocator allocator, Optional<String> name, Executor tasks) {
        SslHandler handler = name.isPresent()
                ? context.newHandler(allocator, name.get(), -1, tasks)
                : context.newHandler(allocator, tasks);
        TlsProvider.tune(handler);
        return handler;
    }
}
