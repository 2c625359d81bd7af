package io.walrelay.proxy.config;

import java.util.Locale;

/** libpq's {@code sslmode}: whether TLS is used, and what the server has to prove. */
public enum SslMode {
    DISABLE,
    ALLOW,
    PREFER,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL;

    static SslMode of(String text) {
        return valueOf(text.replace('-', '_').toUpperCase(Locale.ROOT));
    }

    /** Whether a connection in the clear will not do. */
    public boolean requires() {
        return compareTo(REQUIRE) >= 0;
    }

    /** Whether the server's certificate must be checked. */
    public boolean verifies() {
        return compareTo(VERIFY_CA) >= 0;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
