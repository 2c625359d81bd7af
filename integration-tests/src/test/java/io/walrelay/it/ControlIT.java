package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.RelayTest;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What SQL may have the relay do, with a real primary and a real standby. */
class ControlIT extends RelayTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init") // before each test
    private ConsoleConnection console;

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of());
        startRelay(Map.of("admin_users", "postgres"));
        console = clusters.closing(ConsoleConnection.to(relay.port()));
    }

    private PostgresCluster standby() throws IOException, SQLException {
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of("wal_retrieve_retry_interval", "100ms"));
        standby.follow("host=127.0.0.1 port=" + relay.port() + " user=postgres application_name=standby1", null);
        standby.start();
        await().atMost(PATIENCE).until(() -> !pid().isEmpty());
        return standby;
    }

    private String pid() throws SQLException {
        return console.ask("SELECT pid FROM pg_stat_replication WHERE application_name = 'standby1'");
    }

    @Test
    void aStreamThatIsEndedIsSentEverythingFirstAndTheStandbyComesBack() throws Exception {
        // Given
        PostgresCluster standby = standby();
        for (String end : new String[] {"walrelay.end_sender", "pg_terminate_backend"}) {
            String before = pid();
            Rows.insert(primary, 1000);

            // When
            assertThat(console.ask("SELECT " + end + "(" + before + ")")).isEqualTo("t");

            // Then
            await(end).atMost(PATIENCE).until(() -> !pid().isEmpty() && !pid().equals(before));
            Rows.awaitReplayed(primary, standby);
            Rows.assertEqual(primary, standby);
        }
        assertThatThrownBy(() -> console.ask("SELECT walrelay.end_sender(pg_backend_pid())"))
                .hasMessageContaining("is not a PostgreSQL walsender process");
    }

    @Test
    void slotsAreMadeAdvancedAndDroppedAsOnTheServer() throws Exception {
        try (ConsoleConnection server = ConsoleConnection.to(primary.port())) {
            for (String sql : new String[] {
                "SELECT slot_name, lsn IS NOT NULL FROM pg_create_physical_replication_slot('s', true)",
                "SELECT slot_name, slot_type, active, restart_lsn IS NOT NULL, wal_status FROM pg_replication_slots"
                        + " WHERE slot_name = 's'",
                "SELECT pg_create_physical_replication_slot('s')",
                "SELECT pg_create_physical_replication_slot('S')",
                "SELECT slot_name FROM pg_replication_slot_advance('s', 'FFFFFFFF/0')",
                "SELECT pg_replication_slot_advance('s', '0/1')",
                "SELECT pg_replication_slot_advance('nosuch', '0/1')",
                "SELECT pg_drop_replication_slot('s')",
                "SELECT pg_drop_replication_slot('s')"
            }) {
                assertThat(answer(console, sql)).as(sql).isEqualTo(answer(server, sql));
            }
        }
    }

    @Test
    void temporarySlotsGoWithTheNextErrorAndWithTheirSessionAsOnTheServer() throws Exception {
        String count = "SELECT count(*) FROM pg_replication_slots";
        String create = "SELECT slot_name FROM pg_create_physical_replication_slot('passing', true, true)";
        try (ConsoleConnection other = ConsoleConnection.to(primary.port())) {
            for (int port : new int[] {primary.port(), relay.port()}) {
                ConsoleConnection watching = port == relay.port() ? console : other;
                try (ConsoleConnection session = ConsoleConnection.to(port)) {
                    // When, Then
                    assertThat(session.ask(create)).isEqualTo("passing");
                    assertThat(watching.ask("SELECT slot_name, temporary, active FROM pg_replication_slots"))
                            .isEqualTo("passing|t|t");
                    session.ask("BEGIN");
                    session.ask("ROLLBACK");
                    assertThat(watching.ask(count)).isEqualTo("1");
                    assertThat(answer(session, "SELECT nosuch")).startsWith("42703");
                    assertThat(watching.ask(count)).isEqualTo("0");
                    session.ask(create);
                    assertThat(answer(session, create)).startsWith("42710");
                    assertThat(watching.ask(count)).isEqualTo("0");
                    session.ask(create);
                    assertThat(answer(watching, "SELECT pg_drop_replication_slot('passing')")
                                    .replaceAll("[0-9]+$", "PID"))
                            .isEqualTo("55006 ERROR: replication slot \"passing\" is active for PID PID");
                }
                await("the session has ended")
                        .atMost(PATIENCE)
                        .until(() -> watching.ask(count).equals("0"));
            }
        }
    }

    /** Positions are each server's own. */
    private static String answer(ConsoleConnection connection, String sql) {
        try {
            return connection.ask(sql);
        } catch (SQLException refused) {
            return refused.getSQLState() + " "
                    + String.valueOf(refused.getMessage()).replaceAll("[0-9A-F]+/[0-9A-F]+", "LSN");
        }
    }

    @Test
    void aReloadBySqlDoesWhatSighupDoes() throws Exception {
        // Given
        relay.configure("log_min_messages", "debug1").configure("idle_session_timeout", "50s");

        // When, Then
        assertThat(console.ask("SELECT pg_reload_conf()")).isEqualTo("t");
        assertThat(console.ask("SHOW idle_session_timeout")).isEqualTo("50s");
        assertThat(relay.log()).contains("parameter \"log_min_messages\" changed to \"debug1\"");
        relay.configure("hba_file", "/nonexistent/pg_hba.conf").configure("idle_session_timeout", "40s");
        assertThat(console.ask("SELECT pg_reload_conf()")).isEqualTo("t");
        assertThat(console.ask("SHOW idle_session_timeout")).isEqualTo("40s");
        assertThat(answer(console, "SELECT nosuch")).startsWith("42703");
        assertThat(relay.log())
                .contains("/nonexistent/pg_hba.conf was not reloaded")
                .contains("DEBUG1:  ");
        // The rules that were good stay in force.
        ConsoleConnection.to(relay.port()).close();
        assertThat(console.ask(
                        "SELECT name, setting, applied FROM pg_file_settings" + " WHERE name = 'idle_session_timeout'"))
                .isEqualTo("idle_session_timeout|40s|t");

        // And the same by the signal
        relay.configure("hba_file", "").configure("idle_session_timeout", "30s").reload();
        await().atMost(PATIENCE)
                .until(() -> console.ask("SHOW idle_session_timeout").equals("30s"));
    }

    @Test
    void onesOwnSessionsAreCancelledAndEndedAndThoseOfOthersAreNot() throws Exception {
        try (ConsoleConnection one = ConsoleConnection.to(relay.port(), "monitor");
                ConsoleConnection same = ConsoleConnection.to(relay.port(), "monitor");
                ConsoleConnection other = ConsoleConnection.to(relay.port(), "other")) {
            String pid = one.ask("SELECT pg_backend_pid()");

            // When, Then
            assertThatThrownBy(() -> other.ask("SELECT pg_cancel_backend(" + pid + ")"))
                    .hasMessageContaining("must be a member of the role whose query is being canceled");
            CompletableFuture<String> running = CompletableFuture.supplyAsync(() -> answer(one, "SELECT pg_sleep(25)"));
            await().atMost(PATIENCE)
                    .until(() -> console.ask("SELECT state FROM pg_stat_activity WHERE pid = " + pid)
                            .equals("active"));
            assertThat(same.ask("SELECT pg_cancel_backend(" + pid + ")")).isEqualTo("t");
            assertThat(running.get()).contains("57014", "canceling statement due to user request");
            assertThat(same.ask("SELECT pg_terminate_backend(" + pid + ")")).isEqualTo("t");
            await().atMost(PATIENCE)
                    .until(() -> console.ask("SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid)
                            .equals("0"));
        }
    }

    @Test
    void timeoutsAndLimitsAreSettings() throws Exception {
        try (ConsoleConnection idle = ConsoleConnection.to(relay.port());
                ConsoleConnection inTransaction = ConsoleConnection.to(relay.port())) {
            relay.configure("statement_timeout", "500ms").configure("sql_max_rows", "10");
            console.ask("SELECT pg_reload_conf()");

            // Then
            assertThat(answer(console, "SELECT pg_sleep(60)")).startsWith("57014");
            console.ask("SET statement_timeout = '1h'");
            assertThat(answer(console, "SELECT pg_sleep(60)")).startsWith("57014");
            assertThat(answer(console, "SELECT generate_series(1, 11)")).startsWith("54000");
            idle.ask("SET idle_session_timeout = '100ms'");
            await().atMost(PATIENCE)
                    .until(() -> answer(
                                    console,
                                    "SELECT count(*) FROM pg_stat_activity" + " WHERE backend_type = 'client backend'")
                            .equals("2"));
            assertThat(answer(idle, "SELECT 1")).startsWith("57P05").contains("idle-session timeout");
            inTransaction.ask("SET idle_in_transaction_session_timeout = '100ms'");
            inTransaction.ask("BEGIN");
            await().atMost(PATIENCE)
                    .until(() -> answer(
                                    console,
                                    "SELECT count(*) FROM pg_stat_activity" + " WHERE backend_type = 'client backend'")
                            .equals("1"));
            assertThat(answer(inTransaction, "SELECT 1")).startsWith("25P03");
        }
    }
}
