package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.Relay;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The console, asked by pgjdbc and psql, beside the server that it stands in for. */
class ConsoleIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Those whose rows are the relay's, and those that clients join them with. */
    private static final List<String> VIEWS = List.of(
            "pg_stat_replication",
            "pg_stat_wal_receiver",
            "pg_replication_slots",
            "pg_stat_archiver",
            "pg_settings",
            "pg_stat_activity",
            "pg_stat_ssl",
            "pg_hba_file_rules",
            "pg_file_settings",
            "pg_database",
            "pg_roles",
            "pg_user",
            "pg_class",
            "pg_namespace",
            "pg_attribute",
            "pg_type",
            "pg_am",
            "pg_stat_database",
            "pg_stat_bgwriter",
            "pg_tablespace",
            "pg_index",
            "pg_proc",
            "pg_constraint");

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("io.walrelay.it.support.Majors#all")
    void viewsHaveTheColumnsOfTheMirroredServer(int major) throws Exception {
        try (Clusters clusters = Clusters.of(major)) {
            // Given
            PostgresCluster primary = clusters.primary(Map.of());
            Relay relay = Relays.inProcess(clusters, primary.conninfo(), Map.of());

            // When
            try (Connection server = connect(primary.port());
                    Connection console = await("the relay to know whose WAL it serves")
                            .atMost(PATIENCE)
                            .ignoreExceptionsMatching(
                                    e -> String.valueOf(e.getMessage()).contains("starting up"))
                            .until(() -> connect(relay.port()), Objects::nonNull)) {
                // Then
                for (String view : VIEWS) {
                    assertThat(columns(console, view)).as(view).isEqualTo(columns(server, view));
                }
            }
        }
    }

    private static Connection connect(int port) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres");
    }

    private static List<String> columns(Connection connection, String view) throws SQLException {
        List<String> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM pg_catalog." + view + " WHERE false")) {
            ResultSetMetaData metadata = rows.getMetaData();
            for (int i = 1; i <= metadata.getColumnCount(); i++) {
                columns.add(metadata.getColumnName(i) + " " + metadata.getColumnTypeName(i));
            }
        }
        return columns;
    }

    @Test
    void psqlDescribesAndJoins() throws IOException, SQLException {
        ClientTools tools = ClientTools.require(MAJOR);
        try (Clusters clusters = Clusters.of(MAJOR)) {
            // Given
            PostgresCluster primary = clusters.primary(Map.of());
            Relay relay = Relays.inProcess(clusters, primary.conninfo(), Map.of());
            PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
            standby.follow("host=127.0.0.1 port=" + relay.port() + " user=postgres application_name=standby1", null);
            standby.start();

            await("the standby")
                    .atMost(PATIENCE)
                    .until(() -> psql(tools, relay, "SELECT pid FROM pg_stat_replication"), pid -> !pid.isBlank());

            // Then
            assertThat(psql(tools, relay, "\\d")).contains("walrelay|retention|view|walrelay");
            assertThat(psql(tools, relay, "\\l")).contains("postgres|walrelay|UTF8");
            assertThat(psql(tools, relay, "\\du")).contains("postgres|");
            assertThat(psql(tools, relay, "\\dn")).contains("walrelay|walrelay");
            assertThat(psql(tools, relay, "\\df")).contains("walrelay|pause_sender|boolean|integer|func");
            assertThat(psql(tools, relay, "\\conninfo")).contains("connected to database \"postgres\" as user");
            assertThat(psql(tools, relay, "\\d pg_stat_replication")).contains("sent_lsn|pg_lsn|||");
            assertThat(psql(
                            tools,
                            relay,
                            "SELECT r.application_name, a.backend_type, count(*) FROM pg_stat_replication r"
                                    + " JOIN pg_stat_activity a USING (pid) GROUP BY 1, 2"))
                    .contains("standby1|walsender|1");
            assertThat(psql(
                            tools,
                            relay,
                            "SELECT pg_is_in_recovery(), current_setting('server_version_num')::int / 10000"))
                    .contains("t|15");
        }
    }

    @Test
    void whatIsAskedOfAStandbyIsAnsweredAsAStandbyAnswersIt() throws IOException, SQLException {
        try (Clusters clusters = Clusters.of(MAJOR)) {
            // Given
            PostgresCluster primary = clusters.primary(Map.of());
            Relay relay = Relays.inProcess(clusters, primary.conninfo(), Map.of("admin_users", "postgres"));
            PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
            standby.start();
            Rows.createTable(primary);
            Rows.awaitReplayed(primary, standby);

            try (ConsoleConnection atStandby = ConsoleConnection.to(standby.port());
                    ConsoleConnection console = ConsoleConnection.to(relay.port())) {
                // Then
                for (String sql : List.of(
                        "SELECT pg_is_in_recovery(), pg_is_wal_replay_paused()",
                        "SELECT pg_last_wal_receive_lsn() IS NULL, pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0') > 0",
                        "SELECT pg_current_wal_lsn()",
                        "SELECT pg_current_wal_insert_lsn()",
                        "SELECT pg_current_wal_flush_lsn()",
                        "SELECT pg_switch_wal()",
                        "SELECT pg_size_pretty(pg_wal_lsn_diff('1/0', '0/0'))",
                        "SELECT pg_reload_conf()",
                        "SELECT pg_terminate_backend(2147483647)",
                        "SHOW transaction_read_only",
                        "SELECT current_setting('in_hot_standby')",
                        "BEGIN READ WRITE",
                        "SELECT count(*) FROM pg_stat_archiver")) {
                    assertThat(answer(console, sql)).as(sql).isEqualTo(answer(atStandby, sql));
                }
                await("both have received the same")
                        .atMost(PATIENCE)
                        .until(() -> console.ask("SELECT pg_last_wal_receive_lsn()")
                                .equals(atStandby.ask("SELECT pg_last_wal_receive_lsn()")));
                assertThat(console.ask("SELECT pg_last_xact_replay_timestamp() IS NULL"))
                        .isEqualTo("t");
                assertThat(console.ask("SELECT count(*) FROM pg_stat_gssapi")).isEqualTo("0");
                assertThat(console.ask("SELECT pg_walfile_name('0/3000060')")).isEqualTo("000000010000000000000003");
                assertThat(console.ask("SELECT version()")).startsWith("PostgreSQL " + MAJOR + ".");
            }
        }
    }

    private static String answer(ConsoleConnection connection, String sql) {
        try {
            return connection.ask(sql);
        } catch (SQLException refused) {
            return refused.getSQLState() + " " + refused.getMessage();
        }
    }

    private static String psql(ClientTools tools, Relay relay, String command) throws IOException {
        return tools.run(
                "psql",
                "-X",
                "-A",
                "-t",
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(relay.port()),
                "-U",
                "postgres",
                "-d",
                "postgres",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                command);
    }
}
