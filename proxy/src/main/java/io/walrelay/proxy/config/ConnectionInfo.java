package io.walrelay.proxy.config;

import io.netty.util.NetUtil;
import io.walrelay.wire.tls.TlsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A libpq connection string, read and checked (PostgreSQL: Database Connection Control Functions).
 *
 * <p>What libpq would find out only when it connects (a bad port, as many ports as hosts) is found when the file is
 * read. Never prints a password.
 */
public final class ConnectionInfo {
    private static final int DEFAULT_PORT = 5432;

    /** Not libpq's, which waits for ever: a host that hangs must not keep the relay from those behind it. */
    private static final int DEFAULT_CONNECT_TIMEOUT = 10;

    private static final String MASK = "********";

    private final SequencedMap<String, String> options;
    private final List<Host> hosts;
    private final SslMode sslMode;
    private final Duration connectTimeout;
    private final boolean keepalives;
    private final Duration keepalivesIdle;
    private final Duration keepalivesInterval;
    private final int keepalivesCount;
    private final Duration tcpUserTimeout;

    /** One server to try.
     *
     * @param name a host name or IP address, as written: passfile lines are matched against it
     * @param address the IP address to connect to instead of looking the name up, if there was a hostaddr
     * @param port 1 to 65535
     */
    public record Host(String name, Optional<String> address, int port) {
        /** What to connect to: the address if there is one, the name otherwise. */
        public String target() {
            return address.orElse(name);
        }

        @Override
        public String toString() {
            return target().indexOf(':') >= 0 ? "[" + target() + "]:" + port : target() + ":" + port;
        }
    }

    private ConnectionInfo(SequencedMap<String, String> options) throws ConnectionInfoException {
        this.options = options;
        for (Map.Entry<String, String> option : options.entrySet()) {
            ConninfoOptions.check(option.getKey(), option.getValue());
        }
        this.hosts = hosts(options);
        this.sslMode = readSslMode();
        checkTls();
        int timeout = integer("connect_timeout", DEFAULT_CONNECT_TIMEOUT);
        this.connectTimeout = Duration.ofSeconds(timeout <= 0 ? 0 : Math.max(timeout, 2));
        this.keepalives = integer("keepalives", 1) != 0;
        this.keepalivesIdle = Duration.ofSeconds(Math.max(0, integer("keepalives_idle", 0)));
        this.keepalivesInterval = Duration.ofSeconds(Math.max(0, integer("keepalives_interval", 0)));
        this.keepalivesCount = Math.max(0, integer("keepalives_count", 0));
        this.tcpUserTimeout = Duration.ofMillis(Math.max(0, integer("tcp_user_timeout", 0)));
    }

    /** Reads either form. */
    public static ConnectionInfo parse(String conninfo) throws ConnectionInfoException {
        return new ConnectionInfo(
                ConninfoUri.isUri(conninfo) ? ConninfoUri.parse(conninfo) : ConninfoParser.parse(conninfo));
    }

    /** The servers, in the order in which to try them; at least one. */
    public List<Host> hosts() {
        return hosts;
    }

    /** The user, by default that of the operating system. */
    public String user() {
        return option("user").orElseGet(() -> System.getProperty("user.name", ""));
    }

    /** The password for a server: from the connection string, else from the passfile (which is read now, each time). */
    public Passfile.Lookup password(Host host) {
        Optional<String> password = option("password");
        return password.isPresent()
                ? new Passfile.Lookup(password, List.of())
                : Passfile.of(option("passfile")).find(host, "replication", user());
    }

    /** The name of this relay at the upstream. */
    public Optional<String> applicationName() {
        return option("application_name").or(() -> option("fallback_application_name"));
    }

    /** Settings for the session at the upstream, such as {@code -c wal_sender_timeout=0}. */
    public Optional<String> commandLineOptions() {
        return option("options");
    }

    /** The database; a physical replication connection names none, and BASE_BACKUP neither. */
    public Optional<String> dbname() {
        return option("dbname");
    }

    /** Whether TLS is used; where nothing is said, as in libpq: if the server has it. */
    public SslMode sslMode() {
        return sslMode;
    }

    private SslMode readSslMode() {
        return option("sslmode").map(SslMode::of).orElse(usesSystemRoots() ? SslMode.VERIFY_FULL : SslMode.PREFER);
    }

    private boolean usesSystemRoots() {
        return option("sslrootcert").filter("system"::equals).isPresent();
    }

    /** Whether TLS comes first, without being asked for, which servers take from PostgreSQL 17 on. */
    public boolean negotiatesDirectly() {
        return option("sslnegotiation").filter("direct"::equals).isPresent();
    }

    /** Whether the server is told the name by which it was found; it is, where nothing is said. */
    public boolean tellsServerName() {
        return option("sslsni").filter("0"::equals).isEmpty();
    }

    private void checkTls() throws ConnectionInfoException {
        if (usesSystemRoots() && sslMode != SslMode.VERIFY_FULL) {
            throw new ConnectionInfoException(
                    "weak sslmode \"%s\" may not be used with sslrootcert=system (use \"verify-full\")"
                            .formatted(sslMode));
        }
        if (negotiatesDirectly() && !sslMode.requires()) {
            throw new ConnectionInfoException(
                    "weak sslmode \"%s\" may not be used with sslnegotiation=direct (use \"require\", \"verify-ca\", or \"verify-full\")"
                            .formatted(sslMode));
        }
        Optional<TlsVersion> least = option("ssl_min_protocol_version").flatMap(TlsVersion::of);
        Optional<TlsVersion> most = option("ssl_max_protocol_version").flatMap(TlsVersion::of);
        if (most.isPresent() && least.orElse(TlsVersion.TLS_1_2).compareTo(most.get()) > 0) {
            throw new ConnectionInfoException("invalid SSL protocol version range");
        }
    }

    /** How long a login at one address may take; zero is for ever, as in libpq, but 10 s where nothing is said. */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /** Whether TCP keepalives are on. */
    public boolean keepalives() {
        return keepalives;
    }

    /** Whole seconds; zero is the operating system's default. */
    public Duration keepalivesIdle() {
        return keepalivesIdle;
    }

    /** Whole seconds; zero is the operating system's default. */
    public Duration keepalivesInterval() {
        return keepalivesInterval;
    }

    /** Zero is the operating system's default. */
    public int keepalivesCount() {
        return keepalivesCount;
    }

    /** Milliseconds; zero is the operating system's default. */
    public Duration tcpUserTimeout() {
        return tcpUserTimeout;
    }

    /** Any other option of libpq, as written; empty if it is not there or empty. */
    public Optional<String> option(String name) {
        return Optional.ofNullable(options.get(name)).filter(value -> !value.isEmpty());
    }

    private int integer(String name, int defaultValue) throws ConnectionInfoException {
        String text = options.get(name);
        if (text == null) {
            return defaultValue;
        }
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new ConnectionInfoException(
                    "invalid integer value \"%s\" for connection option \"%s\"".formatted(text, name));
        }
    }

    private static List<Host> hosts(Map<String, String> options) throws ConnectionInfoException {
        List<String> names = list(options.get("host"));
        List<String> addresses = list(options.get("hostaddr"));
        List<String> ports = list(options.get("port"));
        int count = Math.max(1, addresses.isEmpty() ? names.size() : addresses.size());
        if (!addresses.isEmpty() && !names.isEmpty() && names.size() != count) {
            throw new ConnectionInfoException(
                    "could not match %d host names to %d hostaddr values".formatted(names.size(), count));
        }
        if (ports.size() > 1 && ports.size() != count) {
            throw new ConnectionInfoException(
                    "could not match %d port numbers to %d hosts".formatted(ports.size(), count));
        }
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Optional<String> address = element(addresses, i);
            if (address.isPresent()
                    && !NetUtil.isValidIpV4Address(address.get())
                    && !NetUtil.isValidIpV6Address(address.get())) {
                throw new ConnectionInfoException(
                        "could not parse network address \"%s\": it is no IP address".formatted(address.get()));
            }
            String name = element(names, i).or(() -> address).orElse("localhost");
            if (name.startsWith("/") || name.startsWith("@")) {
                throw new ConnectionInfoException(
                        "connections over Unix-domain sockets are not supported: host \"%s\"".formatted(name),
                        "Name the upstream by its host name or IP address.");
            }
            hosts.add(new Host(
                    name,
                    address,
                    port(element(ports, ports.size() == 1 ? 0 : i).orElse(null))));
        }
        return List.copyOf(hosts);
    }

    private static int port(@Nullable String text) throws ConnectionInfoException {
        if (text == null) {
            return DEFAULT_PORT;
        }
        int port;
        try {
            port = Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new ConnectionInfoException(
                    "invalid integer value \"%s\" for connection option \"port\"".formatted(text));
        }
        if (port < 1 || port > 65535) {
            throw new ConnectionInfoException("invalid port number: \"%s\"".formatted(text));
        }
        return port;
    }

    private static List<String> list(@Nullable String text) {
        return text == null || text.isEmpty() ? List.of() : Arrays.asList(text.split(",", -1));
    }

    private static Optional<String> element(List<String> list, int index) {
        return index < list.size() ? Optional.of(list.get(index)).filter(s -> !s.isEmpty()) : Optional.empty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConnectionInfo that && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return options.hashCode();
    }

    /** The key=value form, secrets masked. */
    @Override
    public String toString() {
        return options.entrySet().stream()
                .map(option -> option.getKey() + "="
                        + (ConninfoOptions.isSecret(option.getKey()) ? MASK : quote(option.getValue())))
                .collect(Collectors.joining(" "));
    }

    private static String quote(String value) {
        boolean plain = !value.isEmpty() && value.chars().noneMatch(c -> c <= ' ' || c == '\'' || c == '\\');
        return plain ? value : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
