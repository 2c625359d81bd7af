package io.walrelay.proxy.hba;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The first field of a line of pg_hba.conf. */
public enum ConnectionType {
    /** Unix-domain sockets; the relay has none, so such a line never matches. */
    LOCAL,
    /** TCP, with or without encryption. */
    HOST,
    /** TCP with TLS. */
    HOSTSSL,
    /** TCP without TLS. */
    HOSTNOSSL,
    /** TCP with GSSAPI encryption, which the relay does not offer: never matches. */
    HOSTGSSENC,
    /** TCP without GSSAPI encryption: as {@link #HOST}. */
    HOSTNOGSSENC;

    static Optional<ConnectionType> of(String word) {
        return Arrays.stream(values())
                .filter(type -> type.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst();
    }

    boolean matches(boolean tls) {
        return switch (this) {
            case LOCAL, HOSTGSSENC -> false;
            case HOST, HOSTNOGSSENC -> true;
            case HOSTSSL -> tls;
            case HOSTNOSSL -> !tls;
        };
    }
}
