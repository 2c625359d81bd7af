package io.walrelay.wire.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.walrelay.wire.auth.ChannelBinding;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;

/**
 * The server's side of TLS as PostgreSQL has it: the server's order of ciphers, neither sessions nor tickets, no
 * renegotiation; client certificates are asked for where they can be checked, and one that comes must be good. Mirrors
 * {@code be_tls_init}. Immutable; connections keep what they were made with.
 */
public final class ServerContext {
    private final SslContext plain;
    private final SslContext negotiating;
    private final Optional<ChannelBinding> binding;
    private final boolean checksClients;

    private ServerContext(
            SslContext plain, SslContext negotiating, Optional<ChannelBinding> binding, boolean checksClients) {
        this.plain = plain;
        this.negotiating = negotiating;
        this.binding = binding;
        this.checksClients = checksClients;
    }

    /**
     * Makes one.
     *
     * @param trust of client certificates; without it none is asked for
     * @param ciphers a {@link CipherString} that means some
     * @throws SSLException if the library refuses it
     */
    public static ServerContext of(
            Identity identity, Optional<CertificateTrust> trust, TlsVersion least, TlsVersion most, String ciphers)
            throws SSLException {
        return new ServerContext(
                build(identity, trust, least, most, ciphers, ApplicationProtocolConfig.DISABLED),
                build(identity, trust, least, most, ciphers, Alpn.CONFIG),
                EndPoint.of(identity.chain().getFirst()),
                trust.isPresent());
    }

    private static SslContext build(
            Identity identity,
            Optional<CertificateTrust> trust,
            TlsVersion least,
            TlsVersion most,
            String ciphers,
            ApplicationProtocolConfig alpn)
            throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forServer(identity.key(), identity.chain())
                .sslProvider(TlsProvider.best())
                .protocols(TlsVersion.range(least, most))
                .ciphers(CipherString.registeredNames(ciphers), SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(alpn);
        if (trust.isPresent()) {
            builder.trustManager(trust.get()).clientAuth(ClientAuth.OPTIONAL);
        }
        SslContext context = TlsProvider.withTasks(builder).build();
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
        return context;
    }

    /**
     * The handler of one connection.
     *
     * @param alpn whether to take part in ALPN, as servers do from PostgreSQL 17 on
     * @param tasks computes keys and checks certificates, which would hold up what else an event loop serves
     */
    public SslHandler handler(ByteBufAllocator allocator, boolean alpn, Executor tasks) {
        SslHandler handler = (alpn ? negotiating : plain).newHandler(allocator, tasks);
        TlsProvider.tune(handler);
        return handler;
    }

    /** What an authentication may be bound to; empty where the certificate cannot be. */
    public Optional<ChannelBinding> binding() {
        return binding;
    }

    /** Whether a client's certificate can be checked at all. */
    public boolean checksClients() {
        return checksClients;
    }
}
