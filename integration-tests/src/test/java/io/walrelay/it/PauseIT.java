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
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Receiving and sending paused and resumed by SQL, for longer than all time-outs, with real servers at both ends. */
class PauseIT extends RelayTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TIMEOUT = "1s";

    /** Longer than wal_sender_timeout and wal_receiver_timeout of all of them. */
    private static final Duration LONG = Duration.ofSeconds(4);

    @SuppressWarnings("NullAway.Init") // before each test
    private ConsoleConnection console;

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of("wal_sender_timeout", TIMEOUT, "wal_keep_size", "0"));
        startRelay(Map.of(
                "primary_slot_name",
                "relay",
                "wal_sender_timeout",
                TIMEOUT,
                "wal_receiver_timeout",
                TIMEOUT,
                "wal_receiver_status_interval",
                "1s",
                "admin_users",
                "postgres"));
        console = clusters.closing(ConsoleConnection.to(relay.port()));
    }

    private PostgresCluster standby(String name) throws IOException, SQLException {
        console.ask("SELECT pg_create_physical_replication_slot('" + name + "', true)");
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of("wal_receiver_timeout", TIMEOUT));
        standby.follow("host=127.0.0.1 port=" + relay.port() + " user=postgres application_name=" + name, name);
        standby.start();
        return standby;
    }

    private static void awaitEqual(Callable<String> actual, String expected) {
        await(expected).atMost(PATIENCE).ignoreExceptions().until(() -> expected.equals(actual.call()));
    }

    private String onPrimary(String sql) throws SQLException {
        return primary.query(sql).orElse("");
    }

    @Test
    void aPausedUpstreamKeepsTheWalAndMayRestartAndNothingIsMissingAfterwards() throws Exception {
        // Given
        PostgresCluster standby = standby("standby1");
        Rows.insert(primary, 100);
        Rows.awaitReplayed(primary, standby);

        // When
        assertThat(console.ask("SELECT walrelay.pause_upstream()")).isEqualTo("t");

        // Then
        awaitEqual(() -> console.ask("SELECT status FROM pg_stat_wal_receiver"), "paused");
        assertThat(console.ask("SELECT DISTINCT paused, streaming FROM walrelay.upstreams"))
                .isEqualTo("t|f");
        assertThat(console.ask("SELECT walrelay.pause_upstream()")).isEqualTo("f");
        String received = console.ask("SELECT pg_last_wal_receive_lsn()");
        assertThat(onPrimary("SELECT pid FROM pg_stat_replication")).isNotEmpty();
        String pid = onPrimary("SELECT pid || state FROM pg_stat_replication");
        assertThat(pid).endsWith("startup");
        Rows.insert(primary, 1000);
        assertThat(onPrimary("SELECT restart_lsn <= '" + received + "' FROM pg_replication_slots"))
                .isEqualTo("t");
        await().during(LONG)
                .atMost(LONG.multipliedBy(3))
                .until(() -> console.ask("SELECT pg_last_wal_receive_lsn()").equals(received)
                        && onPrimary("SELECT pid || state FROM pg_stat_replication")
                                .equals(pid));

        // When: neither a shutdown of the primary nor a reload waits for it
        primary.stop(PostgresCluster.StopMode.FAST);
        primary.start();
        assertThat(console.ask("SELECT pg_reload_conf(), count(*) FROM pg_stat_wal_receiver"))
                .isEqualTo("t|0");
        assertThat(console.ask("SELECT walrelay.resume_upstream()")).isEqualTo("t");

        // Then
        Rows.insert(primary, 100);
        Rows.awaitReplayed(primary, standby);
        Rows.assertEqual(primary, standby);
        assertThat(console.ask("SELECT status FROM pg_stat_wal_receiver")).isEqualTo("streaming");
        assertThat(relay.log())
                .contains("receiving of WAL is paused at " + received)
                .contains("receiving of WAL is resumed");
        assertThat(console.ask("SELECT walrelay.resume_upstream()")).isEqualTo("f");
    }

    @Test
    void aPausedStandbyStaysConnectedAndItsSlotHoldsItsWalWhileTheOtherGoesOn() throws Exception {
        // Given
        PostgresCluster held = standby("held");
        PostgresCluster other = standby("other");
        Rows.insert(primary, 100);
        Rows.awaitReplayed(primary, held);
        Rows.awaitReplayed(primary, other);
        String pid = console.ask("SELECT pid FROM pg_stat_replication WHERE application_name = 'held'");

        // When
        assertThat(console.ask("SELECT walrelay.pause_sender(" + pid + ")")).isEqualTo("t");

        // Then
        Rows.insert(primary, 1000);
        Rows.awaitReplayed(primary, other);
        String shown = "SELECT pid, state, sent_lsn, paused FROM walrelay.senders WHERE application_name = 'held'";
        String before = console.ask(shown);
        assertThat(before).startsWith(pid + "|catchup|").endsWith("|t");
        String slot = "SELECT active, restart_lsn FROM pg_replication_slots WHERE slot_name = 'held'";
        awaitEqual(
                () -> console.ask("SELECT s.active, s.restart_lsn <= r.sent_lsn FROM pg_replication_slots s, "
                        + "pg_stat_replication r WHERE slot_name = 'held' AND pid = " + pid),
                "t|t");
        String holding = console.ask(slot);
        await().during(LONG)
                .atMost(LONG.multipliedBy(3))
                .until(() -> console.ask(shown).equals(before));
        assertThat(console.ask(slot)).isEqualTo(holding);
        assertThat(console.ask("SELECT paused FROM walrelay.senders WHERE application_name = 'other'"))
                .isEqualTo("f");

        // When
        assertThat(console.ask("SELECT walrelay.resume_sender(" + pid + ")")).isEqualTo("t");

        // Then
        Rows.awaitReplayed(primary, held);
        Rows.assertEqual(primary, held);
        assertThat(relay.log()).contains("sending of WAL is paused at ").contains("sending of WAL is resumed at ");
    }

    @Test
    void onlyAdminsPauseAndOnlyWalsendersArePaused() throws Exception {
        try (ConsoleConnection monitor = ConsoleConnection.to(relay.port(), "monitor")) {
            // Then
            for (String function :
                    new String[] {"pause_upstream()", "resume_upstream()", "pause_sender(1)", "resume_sender(1)"}) {
                assertThatThrownBy(() -> monitor.ask("SELECT walrelay." + function))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                refused -> assertThat(refused.getSQLState()).isEqualTo("42501"))
                        .hasMessageContaining(
                                "permission denied for function " + function.substring(0, function.indexOf('(')));
            }
            assertThatThrownBy(() -> console.ask("SELECT walrelay.pause_sender(pg_backend_pid())"))
                    .hasMessageContaining("is not a PostgreSQL walsender process");
            assertThat(console.ask("SELECT walrelay.pause_sender(1)")).isEqualTo("f");
            assertThat(console.warnings()).contains("PID 1 is not a PostgreSQL backend process");
        }
    }
}
