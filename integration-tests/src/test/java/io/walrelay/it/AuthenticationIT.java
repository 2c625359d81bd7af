package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.WalDirectory;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGProperty;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Who gets in: the relay at a server that wants a password, and clients at a relay that wants one. */
class AuthenticationIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Not ASCII, so that SASLprep and the encoding matter. */
    private static final String PASSWORD = "Grüße \u2168 ' \\";

    private static final String RULES = """
            # what the relay's clients find, and the primary's
            host replication scram_role 127.0.0.1/32 scram-sha-256
            host replication absent 127.0.0.1/32 scram-sha-256
            host replication rejected 127.0.0.1/32 reject
            host replication postgres 127.0.0.1/32 trust
            """;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Path hbaFile;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static ServeProcess relay;

    @BeforeAll
    static void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of("max_replication_slots", "10"));
        Rows.createTable(primary);
        for (String role : new String[] {"scram_role", "password_role", "passfile_role"}) {
            primary.execute("CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD " + quoted(PASSWORD));
        }
        primary.execute(
                "SET password_encryption = md5; CREATE ROLE md5_role LOGIN REPLICATION PASSWORD " + quoted(PASSWORD));
        Files.writeString(primary.data().resolve("pg_hba.conf"), RULES + """
                        host all postgres 127.0.0.1/32 trust
                        host replication passfile_role 127.0.0.1/32 scram-sha-256
                        host replication md5_role 127.0.0.1/32 md5
                        host replication password_role 127.0.0.1/32 password
                        """);
        primary.reload();
        Path directory = clusters.newDirectory("files");
        hbaFile = Files.writeString(directory.resolve("hba.conf"), RULES);
        String verifier = primary.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'scram_role'")
                .orElseThrow();
        Path authFile = secret(directory.resolve("users.txt"), "\"scram_role\" \"" + verifier + "\"\n");
        relay = Relays.process(
                clusters, primary.conninfo(), Map.of("hba_file", hbaFile.toString(), "auth_file", authFile.toString()));
    }

    @AfterAll
    static void stop() throws IOException {
        clusters.close();
    }

    // The relay as a client

    @ParameterizedTest(name = "{0}")
    @CsvSource({"scram_role", "md5_role", "password_role"})
    void relayLogsInAtTheUpstreamWithTheMethodItAsksFor(String role) throws Exception {
        // When
        ServeProcess client = Relays.process(clusters, conninfo(primary.port(), role, PASSWORD));

        // Then
        await().atMost(PATIENCE).until(() -> isStreaming(role));
        client.close();
    }

    @Test
    void passfileHoldsThePasswordForTheUpstream() throws Exception {
        // Given
        Path passfile = secret(
                clusters.newDirectory("passfile").resolve("pgpass"),
                "# a comment\n127.0.0.1:" + primary.port() + ":replication:passfile_role:"
                        + PASSWORD.replace("\\", "\\\\") + "\n");

        // When
        ServeProcess client = Relays.process(
                clusters,
                "host=127.0.0.1 port=" + primary.port() + " user=passfile_role passfile=" + conninfoQuoted(passfile));

        // Then
        await().atMost(PATIENCE).until(() -> isStreaming("passfile_role"));

        // And when others may read it
        Files.setPosixFilePermissions(passfile, PosixFilePermissions.fromString("rw-r--r--"));
        terminate("passfile_role");

        // Then
        await().atMost(PATIENCE).until(() -> client.log().contains("fe_sendauth: no password supplied"));
        assertThat(client.log()).contains("has group or world access");
        client.close();
    }

    @Test
    void relayTriesAgainWhenItsPasswordWasWrong() throws Exception {
        // Given
        ServeProcess client = Relays.process(clusters, conninfo(primary.port(), "scram_role", PASSWORD));
        String verifier = primary.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'scram_role'")
                .orElseThrow();

        // When
        primary.execute("ALTER ROLE scram_role PASSWORD 'another'");
        terminate("scram_role");

        // Then
        await().atMost(PATIENCE)
                .until(() -> client.log().contains("password authentication failed for user \"scram_role\""));
        assertThat(client.log()).doesNotContain(PASSWORD);

        // And when it is right again
        primary.execute("ALTER ROLE scram_role PASSWORD '" + verifier + "'");

        // Then
        await().atMost(PATIENCE).until(() -> isStreaming("scram_role"));
        client.close();
    }

    // The relay as a server

    @Test
    void pgjdbcLogsInWithScram() throws Exception {
        // When
        try (Connection connection = connect(relay.port(), "scram_role", PASSWORD);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("IDENTIFY_SYSTEM")) {

            // Then
            assertThat(result.next()).isTrue();
            assertThat(result.getString(1)).isEqualTo(systemIdentifier());
        }
    }

    @ParameterizedTest(name = "{0} with password {1}")
    @CsvSource({"scram_role,wrong", "absent,wrong", "unlisted,wrong", "rejected,wrong"})
    void refusalsHaveTheWordsOfARealServer(String role, String password) {
        // When
        ServerErrorMessage ofPrimary = refusal(primary.port(), role, password);
        ServerErrorMessage ofRelay = refusal(relay.port(), role, password);

        // Then
        assertThat(ofRelay.getMessage()).isEqualTo(ofPrimary.getMessage());
        assertThat(ofRelay.getSQLState()).isEqualTo(ofPrimary.getSQLState());
        assertThat(ofRelay.getSeverity()).isEqualTo(ofPrimary.getSeverity());
        assertThat(ofRelay.getDetail()).isEqualTo(ofPrimary.getDetail());
        assertThat(ofRelay.getHint()).isEqualTo(ofPrimary.getHint());
    }

    @Test
    void psqlLogsInWithScram() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);

        // When
        String answer = tools.run(
                "psql",
                "-AtX",
                conninfo(relay.port(), "scram_role", PASSWORD) + " dbname=replication replication=1",
                "-c",
                "IDENTIFY_SYSTEM");

        // Then
        assertThat(answer).startsWith(systemIdentifier() + "|1|");
    }

    @Test
    void pgReceivewalLogsInWithScram() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        WalDirectory directory = new WalDirectory(clusters.newDirectory("received"));

        // When
        Process receive = tools.start(
                directory.logFile(),
                "pg_receivewal",
                "-d",
                conninfo(relay.port(), "scram_role", PASSWORD),
                "-D",
                directory.path().toString(),
                "--no-loop",
                "--endpos="
                        + Lsn.parse(primary.query("SELECT pg_current_wal_flush_lsn()")
                                .orElseThrow()));

        // Then
        Rows.insert(primary, 100);
        assertThat(receive.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(receive.exitValue()).as(directory::log).isZero();
        assertThat(directory.names()).isNotEmpty();
    }

    @Test
    void standbyLogsInWithScram() throws Exception {
        // Given
        PostgresCluster standby = clusters.standbyOf(primary.port(), Map.of());
        standby.follow(conninfo(relay.port(), "scram_role", PASSWORD), null);

        // When
        standby.start();
        Rows.insert(primary, 100);

        // Then
        Rows.assertEqual(primary, standby);
        standby.close();
    }

    @Test
    void reloadedRulesAreForNewConnections() throws Exception {
        // Given
        try (Connection before = connect(relay.port(), "scram_role", PASSWORD);
                Statement statement = before.createStatement()) {

            // When
            Files.writeString(hbaFile, RULES.replace("scram-sha-256", "reject"));
            relay.reload();

            // Then
            await().atMost(PATIENCE).until(() -> refused("scram_role").contains("pg_hba.conf rejects"));
            try (ResultSet result = statement.executeQuery("IDENTIFY_SYSTEM")) {
                assertThat(result.next()).isTrue();
            }

            // And when the file is bad
            Files.writeString(hbaFile, RULES + "host replication all nonsense\n");
            relay.reload();

            // Then
            await().atMost(PATIENCE).until(() -> relay.log().contains("nonsense"));
            assertThat(refused("scram_role")).contains("pg_hba.conf rejects");
        } finally {
            Files.writeString(hbaFile, RULES);
            relay.reload();
            await().atMost(PATIENCE).until(() -> refused("scram_role").isEmpty());
        }
    }

    private static String refused(String role) {
        try {
            connect(relay.port(), role, PASSWORD).close();
            return "";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static ServerErrorMessage refusal(int port, String role, String password) {
        PSQLException refused = catchThrowableOfType(
                PSQLException.class, () -> connect(port, role, password).close());
        return Objects.requireNonNull(refused.getServerErrorMessage(), () -> "no error of a server: " + refused);
    }

    private static Connection connect(int port, String role, String password) throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, role);
        PGProperty.PASSWORD.set(properties, password);
        PGProperty.REPLICATION.set(properties, "true");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "9.4");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.SSL_MODE.set(properties, "disable");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/replication", properties);
    }

    private static String conninfo(int port, String role, String password) {
        return "host=127.0.0.1 port=" + port + " user=" + role + " password=" + conninfoQuoted(password);
    }

    private static String conninfoQuoted(Object value) {
        return "'" + value.toString().replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static boolean isStreaming(String role) throws SQLException {
        return primary.query(
                        "SELECT bool_or(state = 'streaming') FROM pg_stat_replication WHERE usename = '" + role + "'")
                .equals(Optional.of("t"));
    }

    private static void terminate(String role) throws SQLException {
        primary.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication WHERE usename = '" + role + "'");
    }

    private static String systemIdentifier() throws SQLException {
        return primary.query("SELECT system_identifier FROM pg_control_system()")
                .orElseThrow();
    }

    private static Path secret(Path file, String content) throws IOException {
        Files.writeString(file, content, StandardCharsets.UTF_8);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
