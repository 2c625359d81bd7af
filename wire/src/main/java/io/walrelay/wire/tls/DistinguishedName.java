package io.walrelay.wire.tls;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/** The two forms in which PostgreSQL gives the names in certificates. */
final class DistinguishedName {
    /** OpenSSL's short names of attributes that RFC 2253 has none for. */
    private static final Map<String, String> SHORT_NAMES = Map.ofEntries(
            Map.entry("1.2.840.113549.1.9.1", "emailAddress"),
            Map.entry("2.5.4.4", "SN"),
            Map.entry("2.5.4.5", "serialNumber"),
            Map.entry("2.5.4.12", "title"),
            Map.entry("2.5.4.13", "description"),
            Map.entry("2.5.4.17", "postalCode"),
            Map.entry("2.5.4.42", "GN"),
            Map.entry("2.5.4.43", "initials"),
            Map.entry("2.5.4.46", "dnQualifier"),
            Map.entry("2.5.4.9", "street"));

    private static final String SPECIAL = ",+\"\\<>;";

    private DistinguishedName() {}

    /** {@code /C=.../O=.../CN=...}, in the order of the certificate: {@code X509_NAME_to_cstring}. */
    static String slashes(X500Principal name) {
        StringBuilder text = new StringBuilder();
        for (Rdn part : parts(name).getRdns()) {
            text.append('/').append(part.getType()).append('=').append(escape(value(part)));
        }
        return text.toString();
    }

    /** {@code CN=...,O=...}, the other way round: RFC 2253. */
    static String rfc2253(X500Principal name) {
        return name.getName(X500Principal.RFC2253, SHORT_NAMES);
    }

    /** The first common name. */
    static Optional<String> commonName(X500Principal name) {
        return parts(name).getRdns().stream()
                .filter(part -> part.getType().equalsIgnoreCase("CN"))
                .map(DistinguishedName::value)
                .findFirst();
    }

    private static LdapName parts(X500Principal name) {
        try {
            return new LdapName(rfc2253(name));
        } catch (InvalidNameException e) {
            throw new IllegalStateException("the platform writes a name that it cannot read", e);
        }
    }

    private static String value(Rdn part) {
        return part.getValue() instanceof byte[] encoded
                ? "#" + HexFormat.of().withUpperCase().formatHex(encoded)
                : String.valueOf(part.getValue());
    }

    /** With a backslash before what has a meaning in RFC 2253. */
    private static String escape(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            boolean edge = c == ' ' && (i == 0 || i == value.length() - 1);
            if (SPECIAL.indexOf(c) >= 0 || edge || (c == '#' && i == 0)) {
                text.append('\\').append(c);
            } else if (c < ' ' || c == 0x7F) {
                for (byte octet : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
                    text.append("\\%02X".formatted(octet));
                }
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
