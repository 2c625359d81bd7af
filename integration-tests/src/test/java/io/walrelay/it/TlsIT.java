package io.walrelay.it;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.TlsFiles;
import io.walrelay.it.support.TlsSocket;
import io.walrelay.it.support.WalDirectory;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConfigurationException;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.Problem;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.proxy.tls.ServerTls;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.upstream.UpstreamLogin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

/** TLS on both sides, beside PostgreSQL 15 and its libpq with the same certificates. */
class TlsIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String RULES = """
            hostssl all,replication cert_role 127.0.0.1/32 cert
            hostssl all,replication full_role 127.0.0.1/32 scram-sha-256 clientcert=verify-full
            hostssl all,replication trust_role 127.0.0.1/32 trust clientcert=verify-full
            hostssl all,replication ca_role 127.0.0.1/32 trust clientcert=verify-ca
            hostssl all,replication dn_role 127.0.0.1/32 cert clientname=DN
            hostssl all,replication ssl_role 127.0.0.1/32 trust
            hostnossl all,replication clear_role 127.0.0.1/32 trust
            host all,replication scram_role 127.0.0.1/32 scram-sha-256
            host all,replication postgres 127.0.0.1/32 trust
            """;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static TlsFiles files;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static ServeProcess relay;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Map<String, String> settings;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static ClientTools tools;

    private static @Nullable PostgresCluster victim;

    @BeforeAll
    static void start() throws IOException, SQLException {
        tools = ClientTools.require(MAJOR);
        clusters = Clusters.of(MAJOR);
        files = TlsFiles.in(clusters.newDirectory("certificates"));
        primary = clusters.primary(Map.of());
        Rows.createTable(primary);
        for (String role : List.of(
                "cert_role", "full_role", "trust_role", "ca_role", "dn_role", "ssl_role", "clear_role", "scram_role")) {
            primary.execute("CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'secret'");
        }
        files.install(primary);
        Files.writeString(primary.data().resolve("pg_hba.conf"), RULES);
        primary.reload();
        Path directory = clusters.newDirectory("files");
        StringBuilder users = new StringBuilder();
        for (String role : new String[] {"full_role", "scram_role"}) {
            users.append("\"%s\" \"%s\"\n"
                    .formatted(
                            role,
                            primary.query("SELECT rolpassword FROM pg_authid WHERE rolname = '" + role + "'")
                                    .orElseThrow()));
        }
        Path authFile = Files.writeString(directory.resolve("users.txt"), users);
        Files.setPosixFilePermissions(authFile, PosixFilePermissions.fromString("rw-------"));
        settings = new LinkedHashMap<>(files.settings());
        settings.put(
                "hba_file",
                Files.writeString(directory.resolve("hba.conf"), RULES).toString());
        settings.put("auth_file", authFile.toString());
        settings.put("log_min_messages", "info");
        relay = Relays.process(clusters, primary.conninfo() + " sslmode=disable", settings);
        await().atMost(PATIENCE)
                .until(() -> psql(relay.port(), "sslmode=disable user=postgres").endsWith(" f\n"));
    }

    @AfterAll
    static void stop() throws IOException {
        clusters.close();
    }

    // psql at the relay and at the primary

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "user=postgres sslmode=disable",
                "user=postgres sslmode=allow",
                "user=postgres sslmode=prefer",
                "user=postgres sslmode=require",
                "user=postgres sslmode=require sslrootcert={root.crt}",
                "user=postgres sslmode=require sslrootcert={other-root.crt}",
                "user=postgres sslmode=verify-ca sslrootcert={root.crt}",
                "user=postgres sslmode=verify-ca sslrootcert={other-root.crt}",
                "user=postgres sslmode=verify-full sslrootcert={root.crt}",
                "user=postgres sslmode=verify-full sslrootcert={root.crt} host=relay.example.org",
                "user=postgres sslmode=verify-full sslrootcert={root.crt} host=another.example.org",
                "user=postgres sslmode=require ssl_max_protocol_version=TLSv1.2",
                "user=postgres sslmode=require ssl_min_protocol_version=TLSv1.3",
                "user=postgres sslmode=require ssl_min_protocol_version=TLSv1 ssl_max_protocol_version=TLSv1.1",
                "user=ssl_role sslmode=disable",
                "user=ssl_role sslmode=allow",
                "user=ssl_role sslmode=require",
                "user=clear_role sslmode=require",
                "user=clear_role sslmode=prefer",
                "user=scram_role sslmode=require password=secret channel_binding=require",
                "user=scram_role sslmode=require password=secret channel_binding=disable",
                "user=scram_role sslmode=disable password=secret channel_binding=require",
                "user=scram_role sslmode=require password=wrong channel_binding=require",
                "user=postgres sslmode=require channel_binding=require",
                "user=cert_role sslmode=require",
                "user=cert_role sslmode=require sslcert={cert_role.crt} sslkey={cert_role.key}",
                "user=cert_role sslmode=require sslcert={somebody.crt} sslkey={somebody.key}",
                "user=cert_role sslmode=disable",
                "user=cert_role sslmode=require sslcert={expired.crt} sslkey={expired.key}",
                "user=cert_role sslmode=require sslcert={revoked.crt} sslkey={revoked.key}",
                "user=dn_role sslmode=require sslcert={somebody.crt} sslkey={somebody.key}",
                "user=full_role sslmode=require password=secret",
                "user=full_role sslmode=require password=secret sslcert={full_role.crt} sslkey={full_role.key}",
                "user=full_role sslmode=require password=secret sslcert={somebody.crt} sslkey={somebody.key}",
                "user=trust_role sslmode=require sslcert={somebody.crt} sslkey={somebody.key}",
                "user=ca_role sslmode=require",
                "user=ca_role sslmode=require sslcert={somebody.crt} sslkey={somebody.key}",
            })
    void clientFaresAtTheRelayAsAtThePrimary(String conninfo) throws Exception {
        assertThat(psql(relay.port(), conninfo)).isEqualTo(psql(primary.port(), conninfo));
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        // PostgreSQL tells by the key that it is not its authority's; here the signature tells it.
        String conninfo = "user=cert_role sslmode=require sslcert={impostor.crt} sslkey={impostor.key}";

        assertThat(psql(primary.port(), conninfo)).startsWith("2 ").contains("SSL error: ");
        assertThat(psql(relay.port(), conninfo)).startsWith("2 ").contains("SSL error: ");
        assertThat(relay.log())
                .contains("could not accept SSL connection: certificate verify failed")
                .contains("certificate signature failure");
    }

    // The relay at the primary, and psql

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "user=postgres sslmode=disable",
                "user=postgres sslmode=allow",
                "user=postgres sslmode=prefer",
                "user=postgres",
                "user=postgres sslmode=require",
                "user=postgres sslmode=require sslrootcert={other-root.crt}",
                "user=postgres sslmode=prefer sslrootcert={other-root.crt}",
                "user=postgres sslmode=verify-ca sslrootcert={root.crt}",
                "user=postgres sslmode=verify-ca sslrootcert={other-root.crt}",
                "user=postgres sslmode=verify-ca sslrootcert={missing.crt}",
                "user=postgres sslmode=verify-ca sslrootcert={garbage}",
                "user=postgres sslmode=verify-full sslrootcert={root.crt}",
                "user=postgres sslmode=verify-full sslrootcert={root.crt} host=another.example.org",
                "user=postgres sslmode=require ssl_min_protocol_version=TLSv1.3",
                "user=ssl_role sslmode=disable",
                "user=ssl_role sslmode=allow",
                "user=clear_role sslmode=require",
                "user=clear_role sslmode=prefer",
                "user=nobody sslmode=prefer",
                "user=scram_role sslmode=require password=secret channel_binding=require",
                "user=scram_role sslmode=disable password=secret channel_binding=require",
                "user=scram_role sslmode=prefer password=wrong",
                "user=postgres sslmode=require channel_binding=require",
                "user=cert_role sslmode=require",
                "user=cert_role sslmode=require sslcert={cert_role.crt} sslkey={cert_role.key}",
                "user=cert_role sslmode=require sslcert={somebody.crt} sslkey={somebody.key}",
                "user=cert_role sslmode=require sslcert={cert_role.crt} sslkey={somebody.key}",
                "user=cert_role sslmode=require sslcert={cert_role.crt} sslkey={missing.key}",
                "user=cert_role sslmode=require sslcert={garbage} sslkey={cert_role.key}",
            })
    void relayFaresAtThePrimaryAsPsql(String conninfo) throws Exception {
        assertThat(firstLines(upstream(primary.port(), conninfo)))
                .isEqualTo(firstLines(walreceiver(primary.port(), conninfo)));
    }

    @Test
    void relayNeedsTlsOfAServerThatHasNone() throws Exception {
        // Given
        PostgresCluster plain = clusters.primary(Map.of());

        // Then
        for (String mode : new String[] {"prefer", "require"}) {
            String conninfo = "user=postgres sslmode=" + mode;
            assertThat(upstream(plain.port(), conninfo)).isEqualTo(psql(plain.port(), conninfo));
        }
        plain.close();
    }

    // What comes behind

    @Test
    void whatStandsInTheClearBehindTheRequestEndsTheConnection() throws Exception {
        for (int port : new int[] {primary.port(), relay.port()}) {
            try (TlsSocket socket = TlsSocket.requesting(port, "ROLLBACK".getBytes(StandardCharsets.US_ASCII))) {
                assertThat(socket.readAll())
                        .contains("SFATAL")
                        .contains("C08P01")
                        .contains("Mreceived unencrypted data after SSL request");
            }
        }
    }

    @Test
    void standbyAndToolsTakeWalAndBackupsOverTls() throws Exception {
        // Given
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.follow(
                filled("host=localhost hostaddr=127.0.0.1 port=" + relay.port()
                        + " user=cert_role application_name=tls_standby sslmode=verify-full sslrootcert={root.crt}"
                        + " sslcert={readable.crt} sslkey={readable.key}"),
                null);
        giveToServers("readable", "cert_role");
        WalDirectory received = new WalDirectory(clusters.newDirectory("received"));
        Process receiving = tools.start(
                received.logFile(),
                "pg_receivewal",
                "--no-loop",
                "-D",
                received.path().toString(),
                "-d",
                filled("host=localhost hostaddr=127.0.0.1 port=" + relay.port()
                        + " user=scram_role password=secret channel_binding=require sslmode=verify-full"
                        + " sslrootcert={root.crt}"));

        // When
        standby.start();
        await().atMost(PATIENCE).until(() -> !received.isEmpty());
        Rows.insert(primary, 50_000);
        primary.execute("SELECT pg_switch_wal()");

        // Then
        Rows.assertEqual(primary, standby);
        await().atMost(PATIENCE).until(() -> received.names().stream().anyMatch(name -> name.length() == 24));
        String segment = received.names().getFirst();
        assertThat(received.path().resolve(segment))
                .hasSameBinaryContentAs(primary.data().resolve("pg_wal").resolve(segment));
        assertThat(query("SELECT s.version, s.client_dn, s.issuer_dn FROM pg_stat_replication r"
                        + " JOIN pg_stat_ssl s ON s.pid = r.pid WHERE r.application_name = 'tls_standby'"))
                .isEqualTo("TLSv1.3|/O=walrelay/CN=cert_role|/CN=root");
        Path backup = clusters.newDirectory("backup").resolve("data");
        tools.run(
                "pg_basebackup",
                "-D",
                backup.toString(),
                "-c",
                "fast",
                "-d",
                filled("host=localhost hostaddr=127.0.0.1 port=" + relay.port()
                        + " user=postgres sslmode=verify-full sslrootcert={root.crt}"));
        tools.run("pg_verifybackup", backup.toString());
        ClientTools.interrupt(receiving);
        standby.close();
    }

    @Test
    void pgjdbcConnectsWithVerifyFullAndChannelBinding() throws Exception {
        // Given
        Properties properties = new Properties();
        PGProperty.USER.set(properties, "scram_role");
        PGProperty.PASSWORD.set(properties, "secret");
        PGProperty.SSL_MODE.set(properties, "verify-full");
        PGProperty.SSL_ROOT_CERT.set(properties, files.path("root.crt").toString());
        PGProperty.CHANNEL_BINDING.set(properties, "require");

        // When
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://localhost:" + relay.port() + "/postgres", properties);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
            // Then
            assertThat(result.next()).isTrue();
            assertThat(result.getBoolean(1)).isTrue();
        }
    }

    @Test
    void relayStreamsFromAServerThatItVerifiesAndIsVerifiedBy() throws Exception {
        // When
        ServeProcess second = Relays.process(
                clusters,
                filled("host=localhost hostaddr=127.0.0.1 port=" + relay.port()
                        + " user=full_role password=secret channel_binding=require sslmode=verify-full"
                        + " sslrootcert={root.crt} sslcert={full_role.crt} sslkey={full_role.key}"));

        // Then
        await().atMost(PATIENCE)
                .until(() -> query("SELECT count(*) FROM pg_stat_replication r JOIN pg_stat_ssl s ON s.pid = r.pid"
                                + " WHERE r.usename = 'full_role' AND r.state = 'streaming' AND s.ssl")
                        .equals("1"));
        second.close();
    }

    // Reload

    @Test
    void aRenewedCertificateCountsForTheNextConnectionAndABadOneForNone() throws Exception {
        // Given
        TlsFiles own = TlsFiles.in(clusters.newDirectory("renewed"));
        ServeProcess renewing = Relays.process(clusters, primary.conninfo(), own.settings());
        String conninfo = "user=postgres sslmode=require";
        await().atMost(PATIENCE).until(() -> psql(renewing.port(), conninfo).endsWith(" t\n"));

        // When
        String serial = own.issueServer();
        renewing.reload();

        // Then
        await().atMost(PATIENCE).until(() -> TlsSocket.serialAt(renewing.port()).equals(serial));

        // And when
        Files.copy(own.path("garbage"), own.path("server.crt"), StandardCopyOption.REPLACE_EXISTING);
        renewing.reload();

        // Then
        await().atMost(PATIENCE).until(() -> renewing.log().contains("SSL configuration was not reloaded"));
        assertThat(renewing.log())
                .contains("could not load server certificate file \"" + own.path("server.crt") + "\": no start line");
        assertThat(TlsSocket.serialAt(renewing.port())).isEqualTo(serial);
        renewing.close();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "ssl_cert_file=missing",
                "ssl_cert_file=garbage",
                "ssl_key_file=missing",
                "ssl_key_file=garbage",
                "ssl_key_file=somebody.key",
                "ssl_key_file=loose.key",
                "ssl_ca_file=missing",
                "ssl_ca_file=garbage",
                "ssl_crl_file=missing",
                "ssl_crl_file=garbage",
                "ssl_max_protocol_version=TLSv1.1",
            })
    void whatIsWrongIsToldAsByPostgreSql(String setting) throws Exception {
        // Given: a server of the setting, and what it has said so far
        String name = setting.substring(0, setting.indexOf('='));
        String value = setting.substring(setting.indexOf('=') + 1);
        PostgresCluster server = victim();
        long before = Files.size(server.log());
        String healthy = server.query("SHOW " + name).orElseThrow();

        // When
        server.set(name, value);
        server.reload();
        await().atMost(PATIENCE)
                .until(() -> Files.readString(server.log())
                        .substring((int) before)
                        .contains("SSL configuration was not reloaded"));
        String told = Files.readString(server.log()).substring((int) before);
        server.set(name, healthy);
        server.reload();

        // Then
        List<String> overrides = new ArrayList<>();
        files.settings().forEach((key, path) -> overrides.add(key + "=" + path));
        overrides.add(name + "=" + (name.endsWith("_file") ? files.path(value) : value));
        ConfigurationException problems = catchThrowableOfType(
                ConfigurationException.class, () -> ServerTls.load(Configuration.load(null, overrides)));
        for (Problem problem : problems.problems()) {
            assertThat(told).contains(problem.message().replace(files.path("") + "/", ""));
            problem.detail().ifPresent(detail -> assertThat(told).contains("DETAIL:  " + detail));
        }
    }

    /** A server whose files may be bad. */
    private static PostgresCluster victim() throws IOException, SQLException {
        if (victim == null) {
            PostgresCluster server = clusters.primary(Map.of());
            files.install(server);
            files.install(server, "garbage", "077");
            files.install(server, "somebody.key", "077");
            Files.copy(files.path("server.key"), files.path("loose.key"));
            Files.setPosixFilePermissions(files.path("loose.key"), PosixFilePermissions.fromString("rw-r--r--"));
            files.install(server, "loose.key", "022");
            victim = server;
        }
        return victim;
    }

    // Helpers

    /** Copies that the standby's user may read, whoever it is. */
    private static void giveToServers(String name, String of) throws IOException, SQLException {
        for (String end : new String[] {".crt", ".key"}) {
            Files.copy(files.path(of + end), files.path(name + end));
            files.install(primary, name + end, "077");
        }
    }

    private static String filled(String conninfo) {
        return conninfo.replace("{readable.", "{" + primary.data() + "/readable.")
                .replaceAll("\\{(/[^}]+)\\}", "$1")
                .replaceAll("\\{([^}]+)\\}", files.path("$1").toString());
    }

    private static String whole(int port, String conninfo) {
        String host = conninfo.contains("host=") ? "" : "host=localhost ";
        String root = conninfo.contains("sslrootcert=") ? "" : " sslrootcert=/nonexistent";
        String certificate = conninfo.contains("sslcert=") ? "" : " sslcert=/nonexistent";
        return filled(host + "hostaddr=127.0.0.1 port=" + port + " " + conninfo + root + certificate);
    }

    /** What psql says, its exit code first: whether the connection is encrypted, or why there is none. */
    private static String psql(int port, String conninfo) throws IOException, InterruptedException {
        return psql(port, conninfo + " dbname=postgres", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    }

    /** The same for replication, where nothing can be selected. */
    private static String walreceiver(int port, String conninfo) throws IOException, InterruptedException {
        String outcome = psql(port, conninfo + " replication=true", "IDENTIFY_SYSTEM");
        return outcome.startsWith("0 ") ? psql(port, conninfo) : outcome;
    }

    private static String psql(int port, String conninfo, String command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("walrelay-psql-", ".log");
        Process process = tools.start(output, "psql", "-XAtc", command, whole(port, conninfo));
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(output);
        Files.delete(output);
        return process.exitValue() + " " + text.replace("psql: error: ", "").replace("port " + port, "port PORT");
    }

    /** The same of the relay's own connections to an upstream. */
    private static String upstream(int port, String conninfo) throws Exception {
        EventLoopGroup loops = Transport.best().eventLoops(1, "test");
        try {
            UpstreamLogin login = new UpstreamConnector(Transport.best())
                    .connect(loops.next(), ConnectionInfo.parse(whole(port, conninfo)), 0, "upstream_test")
                    .get(60, TimeUnit.SECONDS);
            Optional<String> encrypted = primary.port() == port
                    ? primary.query("SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                            + " WHERE a.application_name = 'upstream_test'")
                    : Optional.of("f");
            login.channel().close().sync();
            await().atMost(PATIENCE)
                    .until(() -> primary.query(
                                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'upstream_test'")
                            .equals(Optional.of("0")));
            return "0 " + encrypted.orElse("nobody") + "\n";
        } catch (ExecutionException e) {
            return "2 "
                    + String.valueOf(requireNonNull(e.getCause()).getMessage()).replace("port " + port, "port PORT")
                    + "\n";
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    /** What libpq advises below a message differs from version to version. */
    private static String firstLines(String outcome) {
        return outcome.replaceAll("(?m)^Either provide the file.*\n", "").replaceAll("FATAL: {2}", "");
    }

    private static String query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + relay.port() + "/postgres?user=postgres&sslmode=disable");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            if (!result.next()) {
                return "";
            }
            StringBuilder row = new StringBuilder(String.valueOf(result.getString(1)));
            for (int i = 2; i <= result.getMetaData().getColumnCount(); i++) {
                row.append('|').append(result.getString(i));
            }
            return row.toString();
        }
    }
}
