package io.walrelay.proxy.hba;

import io.walrelay.proxy.config.Origin;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.hba.HbaTokens.Token;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Turns the fields of one line into a rule (parse_hba_line of hba.c). */
final class HbaLineParser {
    private static final String SUPPORTED = "Supported methods are trust, reject, scram-sha-256 and cert.";
    private static final String OPTIONS = "Options are clientcert and clientname, on hostssl lines.";
    private static final Set<String> OTHER_METHODS =
            Set.of("ident", "peer", "gss", "sspi", "password", "md5", "pam", "bsd", "ldap", "radius", "oauth");

    private final List<List<Token>> fields;
    private final Origin.File origin;
    private int next;

    private HbaLineParser(List<List<Token>> fields, Origin.File origin) {
        this.fields = fields;
        this.origin = origin;
    }

    /** What is wrong with a line. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        private final String hint;

        private Malformed(String message, String hint) {
            super(message);
            this.hint = hint;
        }

        Problem problem(Origin origin) {
            String message = getMessage() + origin.place();
            return hint.isEmpty() ? Problem.of(message) : Problem.of(message, hint);
        }
    }

    /** Reads a line with at least one field. */
    static HbaRule parse(List<List<Token>> fields, Origin.File origin) throws Malformed {
        return new HbaLineParser(fields, origin).rule();
    }

    private HbaRule rule() throws Malformed {
        String word = single("connection type", "connection type", "Specify exactly one connection type per line.")
                .text();
        ConnectionType type =
                ConnectionType.of(word).orElseThrow(() -> malformed("invalid connection type \"%s\"".formatted(word)));
        List<NameMatch> databases = names(field("database specification"), true);
        List<NameMatch> users = names(field("role specification"), false);
        List<AddressMatch> addresses = type == ConnectionType.LOCAL ? List.of() : List.of(address());
        HbaMethod method = method(single(
                        "authentication method",
                        "authentication type",
                        "Specify exactly one authentication type per line.")
                .text());
        if (method == HbaMethod.CERT && type != ConnectionType.HOSTSSL) {
            throw malformed("cert authentication is only supported on hostssl connections");
        }
        return new HbaRule(type, databases, users, addresses, method, certificate(type, method), origin);
    }

    private List<NameMatch> names(List<Token> tokens, boolean databases) throws Malformed {
        List<NameMatch> names = new ArrayList<>();
        for (Token token : tokens) {
            if (!token.quoted() && token.text().startsWith("@")) {
                for (String name : NameFile.read(origin.file(), token.text().substring(1))
                        .orElseThrow(() -> malformed(
                                "could not open secondary authentication file \"%s\"".formatted(token.text())))) {
                    names.add(new NameMatch.Exactly(name));
                }
            } else {
                names.add(name(token, databases));
            }
        }
        return names;
    }

    private static NameMatch name(Token token, boolean database) throws Malformed {
        if (token.is("all")) {
            return new NameMatch.All();
        }
        if (database && token.is("replication")) {
            return new NameMatch.Replication();
        }
        if (database && token.is("sameuser")) {
            return new NameMatch.SameUser();
        }
        if (!token.quoted() && token.text().startsWith("/")) {
            throw malformed("regular expressions are not supported: \"%s\"".formatted(token.text()));
        }
        boolean membership = database
                ? token.is("samerole") || token.is("samegroup")
                : !token.quoted() && token.text().startsWith("+");
        if (membership) {
            throw malformed("membership in roles is not known here: \"%s\"".formatted(token.text()));
        }
        return new NameMatch.Exactly(token.text());
    }

    private AddressMatch address() throws Malformed {
        Token token = single("IP address specification", "host address", "Specify one address range per line.");
        if (token.is("all")) {
            return new AddressMatch.All();
        }
        if (token.is("samehost") || token.is("samenet")) {
            return new AddressMatch.Same(token.is("samenet"));
        }
        int slash = token.text().indexOf('/');
        String text = slash < 0 ? token.text() : token.text().substring(0, slash);
        Optional<InetAddress> address = IpAddress.parse(text);
        if (address.isEmpty()) {
            throw malformed(
                    slash < 0
                            ? "host names are not supported: \"%s\"".formatted(text)
                            : "specifying both host name and CIDR mask is invalid: \"%s\"".formatted(token.text()),
                    "Specify an address range in CIDR notation.");
        }
        int bits = slash < 0 ? mask(address.get()) : cidr(token.text(), slash, address.get());
        return new AddressMatch.Range(address.get(), bits);
    }

    private static int cidr(String text, int slash, InetAddress address) throws Malformed {
        String digits = text.substring(slash + 1);
        int bits = digits.matches("[0-9]{1,3}") ? Integer.parseInt(digits) : Integer.MAX_VALUE;
        if (bits > address.getAddress().length * 8) {
            throw malformed("invalid CIDR mask in address \"%s\"".formatted(text));
        }
        return bits;
    }

    private int mask(InetAddress address) throws Malformed {
        if (next >= fields.size()) {
            throw malformed(
                    "end-of-line before netmask specification",
                    "Specify an address range in CIDR notation, or provide a separate netmask.");
        }
        String text = single("netmask specification", "netmask", "").text();
        InetAddress mask = IpAddress.parse(text).orElseThrow(() -> malformed("invalid IP mask \"%s\"".formatted(text)));
        if (mask.getAddress().length != address.getAddress().length) {
            throw malformed("IP address and mask do not match");
        }
        return IpAddress.prefixLength(mask)
                .orElseThrow(
                        () -> malformed("invalid IP mask \"%s\": its ones are not all at its start".formatted(text)));
    }

    private static HbaMethod method(String word) throws Malformed {
        return switch (word) {
            case "trust" -> HbaMethod.TRUST;
            case "reject" -> HbaMethod.REJECT;
            case "scram-sha-256" -> HbaMethod.SCRAM_SHA_256;
            case "cert" -> HbaMethod.CERT;
            default ->
                throw malformed(
                        "invalid authentication method \"%s\"%s"
                                .formatted(word, OTHER_METHODS.contains(word) ? ": not supported by this build" : ""),
                        SUPPORTED);
        };
    }

    /** What is left of the line: {@code name=value} each. */
    private CertificateRule certificate(ConnectionType type, HbaMethod method) throws Malformed {
        boolean cert = method == HbaMethod.CERT;
        CertificateRule.Check check = cert ? CertificateRule.Check.VERIFY_FULL : CertificateRule.Check.NONE;
        CertificateRule.Name name = CertificateRule.Name.COMMON_NAME;
        for (; next < fields.size(); next++) {
            for (Token token : fields.get(next)) {
                int equals = token.text().indexOf('=');
                if (equals < 0) {
                    throw malformed("authentication option not in name=value format: " + token.text(), OPTIONS);
                }
                String option = token.text().substring(0, equals);
                String value = token.text().substring(equals + 1);
                switch (option) {
                    case "clientcert" -> check = clientCert(type, cert, value);
                    case "clientname" -> name = clientName(type, value);
                    case "map" ->
                        throw malformed(
                                cert
                                        ? "authentication option \"map\" is not supported: there is no pg_ident.conf"
                                        : "unrecognized authentication option name: \"map\"",
                                OPTIONS);
                    default -> throw malformed("unrecognized authentication option name: \"" + option + "\"", OPTIONS);
                }
            }
        }
        return new CertificateRule(check, name);
    }

    private static CertificateRule.Check clientCert(ConnectionType type, boolean cert, String value) throws Malformed {
        if (type != ConnectionType.HOSTSSL) {
            throw malformed("clientcert can only be configured for \"hostssl\" rows");
        }
        return switch (value) {
            case "verify-full" -> CertificateRule.Check.VERIFY_FULL;
            case "verify-ca" -> {
                if (cert) {
                    throw malformed("clientcert only accepts \"verify-full\" when using \"cert\" authentication");
                }
                yield CertificateRule.Check.VERIFY_CA;
            }
            default -> throw malformed("invalid value for clientcert: \"%s\"".formatted(value));
        };
    }

    private static CertificateRule.Name clientName(ConnectionType type, String value) throws Malformed {
        if (type != ConnectionType.HOSTSSL) {
            throw malformed("clientname can only be configured for \"hostssl\" rows");
        }
        return switch (value) {
            case "CN" -> CertificateRule.Name.COMMON_NAME;
            case "DN" -> CertificateRule.Name.DISTINGUISHED_NAME;
            default -> throw malformed("invalid value for clientname: \"%s\"".formatted(value));
        };
    }

    private List<Token> field(String what) throws Malformed {
        if (next >= fields.size()) {
            throw malformed("end-of-line before " + what);
        }
        return fields.get(next++);
    }

    private Token single(String what, String plural, String hint) throws Malformed {
        List<Token> field = field(what);
        if (field.size() > 1) {
            throw malformed("multiple values specified for " + plural, hint);
        }
        return field.getFirst();
    }

    private static Malformed malformed(String message) {
        return new Malformed(message, "");
    }

    private static Malformed malformed(String message, String hint) {
        return new Malformed(message, hint);
    }
}
