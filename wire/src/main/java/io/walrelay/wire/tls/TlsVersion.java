package io.walrelay.wire.tls;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A version of the protocol, by the names that PostgreSQL's settings and libpq's options have for them. */
public enum TlsVersion {
    TLS_1_0("TLSv1"),
    TLS_1_1("TLSv1.1"),
    TLS_1_2("TLSv1.2"),
    TLS_1_3("TLSv1.3");

    private final String label;

    TlsVersion(String label) {
        this.label = label;
    }

    /** The version of that name, in any case. */
    public static Optional<TlsVersion> of(String label) {
        return Arrays.stream(values())
                .filter(version -> version.label.equalsIgnoreCase(label))
                .findFirst();
    }

    /** All versions from one to another, as {@code SSLEngine} names them; none if they are the wrong way round. */
    static String[] range(TlsVersion least, TlsVersion most) {
        return Arrays.stream(values())
                .filter(version -> version.compareTo(least) >= 0 && version.compareTo(most) <= 0)
                .map(TlsVersion::label)
                .toArray(String[]::new);
    }

    /** The names, in their order. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(TlsVersion::label).toList();
    }

    /** The name. */
    public String label() {
        return label;
    }

    @Override
    public String toString() {
        return label;
    }
}
