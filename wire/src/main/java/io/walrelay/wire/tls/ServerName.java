package io.walrelay.wire.tls;

import io.netty.util.NetUtil;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a server's certificate is for the host that was asked for: {@code sslmode=verify-full}. Mirrors {@code
 * pq_verify_peer_name_matches_certificate}: a name of the host's kind among the alternative names hides the common
 * name.
 */
public final class ServerName {
    private static final int DNS = 2;
    private static final int ADDRESS = 7;

    private final String host;
    private final int kind;
    private final List<String> examined = new ArrayList<>();

    private ServerName(String host) {
        this.host = host;
        this.kind = isAddress(host) ? ADDRESS : DNS;
    }

    /** Whether a host is given by its address. */
    public static boolean isAddress(String host) {
        return NetUtil.createByteArrayFromIpAddressString(host) != null;
    }

    /** Why the certificate is not for this host, in libpq's words; empty if it is. */
    public static Optional<String> mismatch(X509Certificate certificate, String host) {
        return new ServerName(host).mismatch(certificate);
    }

    private Optional<String> mismatch(X509Certificate certificate) {
        boolean commonNameCounts = true;
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                int found = (Integer) name.get(0);
                commonNameCounts &= found != kind;
                if ((found == DNS || found == ADDRESS) && matches(found, String.valueOf(name.get(1)))) {
                    return embeddedNull();
                }
            }
        } catch (CertificateParsingException e) {
            return Optional.of("could not get server's host name from server certificate");
        }
        Optional<String> commonName = DistinguishedName.commonName(certificate.getSubjectX500Principal());
        if (commonNameCounts && commonName.isPresent() && matches(DNS, commonName.get())) {
            return embeddedNull();
        }
        return Optional.of(embeddedNull().orElseGet(this::told));
    }

    /** A name that ends sooner for some readers than for others is no name. */
    private Optional<String> embeddedNull() {
        return examined.stream().anyMatch(name -> name.indexOf('\0') >= 0)
                ? Optional.of("SSL certificate's name contains embedded null")
                : Optional.empty();
    }

    private boolean matches(int found, String name) {
        examined.add(name);
        if (found == ADDRESS) {
            byte[] certified = NetUtil.createByteArrayFromIpAddressString(name);
            byte[] asked = NetUtil.createByteArrayFromIpAddressString(host);
            return certified != null && Arrays.equals(certified, asked);
        }
        return name.equalsIgnoreCase(host) || matchesWildcard(name.toLowerCase(Locale.ROOT));
    }

    /** A star stands for the first label, and for nothing else. */
    private boolean matchesWildcard(String pattern) {
        if (pattern.length() < 3 || !pattern.startsWith("*.") || pattern.length() > host.length()) {
            return false;
        }
        String rest = pattern.substring(1);
        return host.toLowerCase(Locale.ROOT).endsWith(rest) && host.indexOf('.') >= host.length() - rest.length();
    }

    private String told() {
        return switch (examined.size()) {
            case 0 -> "could not get server's host name from server certificate";
            case 1 ->
                "server certificate for \"%s\" does not match host name \"%s\"".formatted(examined.getFirst(), host);
            default ->
                "server certificate for \"%s\" (and %d other %s) does not match host name \"%s\""
                        .formatted(
                                examined.getFirst(),
                                examined.size() - 1,
                                examined.size() == 2 ? "name" : "names",
                                host);
        };
    }
}
