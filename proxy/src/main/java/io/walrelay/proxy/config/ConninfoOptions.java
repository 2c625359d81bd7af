package io.walrelay.proxy.config;

import io.walrelay.wire.tls.TlsVersion;
import java.util.Map;
import java.util.Set;

/** The options that libpq knows (PQconninfoOptions of PostgreSQL 18), and what this build refuses among them. */
final class ConninfoOptions {
    private static final Set<String> KNOWN = Set.of(
            "application_name",
            "channel_binding",
            "client_encoding",
            "connect_timeout",
            "dbname",
            "fallback_application_name",
            "gssdelegation",
            "gssencmode",
            "gsslib",
            "host",
            "hostaddr",
            "keepalives",
            "keepalives_count",
            "keepalives_idle",
            "keepalives_interval",
            "krbsrvname",
            "load_balance_hosts",
            "max_protocol_version",
            "min_protocol_version",
            "oauth_client_id",
            "oauth_client_secret",
            "oauth_issuer",
            "oauth_scope",
            "options",
            "passfile",
            "password",
            "port",
            "replication",
            "require_auth",
            "requirepeer",
            "scram_client_key",
            "scram_server_key",
            "service",
            "ssl_max_protocol_version",
            "ssl_min_protocol_version",
            "sslcert",
            "sslcertmode",
            "sslcompression",
            "sslcrl",
            "sslcrldir",
            "sslkey",
            "sslkeylogfile",
            "sslmode",
            "sslnegotiation",
            "sslpassword",
            "sslrootcert",
            "sslsni",
            "target_session_attrs",
            "tcp_user_timeout",
            "user");

    private static final Set<String> SECRET =
            Set.of("password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret");

    /** Options of which only these values (and an empty one) ask for something that this build does. */
    private static final Map<String, Set<String>> SUPPORTED = Map.of(
            "sslcertmode", Set.of("disable", "allow"),
            "sslcrldir", Set.of(),
            "sslkeylogfile", Set.of(),
            "min_protocol_version", Set.of("3.0"),
            "require_auth", Set.of(),
            "service", Set.of());

    private static final Map<String, Set<String>> LEGAL = Map.of(
            "sslmode", Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
            "gssencmode", Set.of("disable", "prefer", "require"),
            "channel_binding", Set.of("disable", "prefer", "require"),
            "sslnegotiation", Set.of("postgres", "direct"),
            "sslcertmode", Set.of("disable", "allow", "require"),
            "sslsni", Set.of("0", "1"),
            "load_balance_hosts", Set.of("disable", "random"),
            "target_session_attrs", Set.of("any", "read-write", "read-only", "primary", "standby", "prefer-standby"));

    private static final Set<String> VERSIONS = Set.of("ssl_min_protocol_version", "ssl_max_protocol_version");

    private ConninfoOptions() {}

    static boolean isKnown(String name) {
        return KNOWN.contains(name);
    }

    static boolean isSecret(String name) {
        return SECRET.contains(name);
    }

    /** The name, if it is one of libpq's. */
    static String known(String name) throws ConnectionInfoException {
        if (!isKnown(name)) {
            throw new ConnectionInfoException("invalid connection option \"%s\"".formatted(name));
        }
        return name;
    }

    /** Refuses what is no value of the option, or one that asks for what this build cannot do. */
    static void check(String name, String value) throws ConnectionInfoException {
        if (value.isEmpty()) {
            return;
        }
        Set<String> legal = LEGAL.get(name);
        if (legal != null && !legal.contains(value)) {
            throw new ConnectionInfoException("invalid %s value: \"%s\"".formatted(name, value));
        }
        if (VERSIONS.contains(name) && TlsVersion.of(value).isEmpty()) {
            throw new ConnectionInfoException("invalid \"%s\" value: \"%s\"".formatted(name, value));
        }
        if (name.equals("gssencmode") && value.equals("require")) {
            throw new ConnectionInfoException(
                    "gssencmode value \"%s\" invalid when GSSAPI support is not compiled in".formatted(value));
        }
        Set<String> supported = SUPPORTED.get(name);
        if (supported != null && !supported.contains(value)) {
            throw new ConnectionInfoException(
                    "%s value \"%s\" is not supported by this version of walrelay".formatted(name, value),
                    supported.isEmpty() ? "Leave it out." : "Use " + String.join(", ", supported) + ".");
        }
    }
}
