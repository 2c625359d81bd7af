package io.walrelay.wire.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslHandler;

/** PostgreSQL's name in the negotiation of the application protocol (RFC 7301), which direct TLS requires. */
public final class Alpn {
    /** {@code PG_ALPN_PROTOCOL}. */
    public static final String PROTOCOL = "postgresql";

    /** Netty's OpenSSL has no other way than to go on without where nothing matches. */
    static final ApplicationProtocolConfig CONFIG = new ApplicationProtocolConfig(
            Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, PROTOCOL);

    private Alpn() {}

    /** Whether both sides have agreed that this is PostgreSQL; known after the handshake. */
    public static boolean isAgreed(SslHandler handler) {
        return PROTOCOL.equals(handler.applicationProtocol());
    }
}
