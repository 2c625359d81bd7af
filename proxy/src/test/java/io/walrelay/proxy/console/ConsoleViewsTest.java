package io.walrelay.proxy.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.console.engine.Limits;
import io.walrelay.wire.error.PgException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The views show the relay as it is. */
final class ConsoleViewsTest {
    private final ConsoleClientOfTest client = ConsoleClientOfTest.monitor();

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void sendersAreShownWithTheirSessions() {
        // When
        String rows = client.ask("SELECT pid, usename, application_name, client_addr, state, sent_lsn, replay_lsn,"
                + " write_lag, flush_lag, replay_lag, sync_state FROM pg_stat_replication ORDER BY pid");

        // Then
        assertThat(rows).isEqualTo("""
                        101|replicator|standby1|10.0.0.1|streaming|0/3000060|0/3000000|00:00:00.001|00:00:01.5||async
                        102|replicator|standby2|10.0.0.2|streaming|0/2FFFFF8|0/1000000|00:00:00.001|00:00:01.5||async""");
    }

    @Test
    void viewsAreComputedForEachStatement() {
        // Given
        String before = client.ask("SELECT pg_last_wal_receive_lsn(), flushed_lsn FROM pg_stat_wal_receiver");

        // When
        client.relay.flushed = io.walrelay.replication.Lsn.parse("1/A");

        // Then
        assertThat(before).isEqualTo("0/3000060|0/3000060");
        assertThat(client.ask("SELECT pg_last_wal_receive_lsn(), flushed_lsn FROM pg_stat_wal_receiver"))
                .isEqualTo("1/A|1/A");
    }

    @Test
    void positionsAreComparedSubtractedAndAggregated() {
        assertThat(client.ask("SELECT max(sent_lsn), min(replay_lsn), max(sent_lsn - replay_lsn),"
                        + " sum(pg_wal_lsn_diff(sent_lsn, replay_lsn)) FROM pg_stat_replication"))
                .isEqualTo("0/3000060|0/1000000|33554424|33554520");
        assertThat(client.ask("SELECT pid FROM pg_stat_replication WHERE sent_lsn < '0/3000000'"))
                .isEqualTo("102");
        assertThat(client.ask("SELECT '1/80000000'::pg_lsn > pg_lsn '1/7FFFFFFF', 'FFFFFFFF/FFFFFFFF'::pg_lsn"))
                .isEqualTo("t|FFFFFFFF/FFFFFFFF");
        assertThat(client.ask("SELECT '0/10'::pg_lsn + 16, '0/10'::pg_lsn - 16, pg_walfile_name('0/3000060')"))
                .isEqualTo("0/20|0/0|000000020000000000000003");
    }

    @Test
    void synchronousReplicationIsShownWithItsMembersAndItsDegradations() {
        assertThat(client.ask(
                        "SELECT method, num_sync, synchronous_transfer, state, since IS NOT NULL, members, potential,"
                                + " flush_lsn, apply_lsn FROM walrelay.sync_state"))
                .isEqualTo("FIRST|1|all|degraded|t|{}|{}|0/3000000|");
        assertThat(client.ask("SELECT state, ended - began, flush_lsn FROM walrelay.degradations ORDER BY began"))
                .isEqualTo("overdue|00:00:10|\ndegraded||0/3000000");
        assertThat(client.ask("SELECT kind, severity, message, detail FROM walrelay.events"))
                .isEqualTo("walreceiver|LOG|receiving of WAL is paused|");
    }

    @Test
    void viewsAreJoined() {
        assertThat(client.ask("SELECT s.slot_name, r.application_name, a.backend_type FROM pg_replication_slots s"
                        + " LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid"
                        + " JOIN pg_stat_activity a USING (pid)"))
                .isEqualTo("standby1|standby1|");
        assertThat(client.ask("SELECT slot_name, xmin, catalog_xmin FROM pg_replication_slots"))
                .isEqualTo("standby1|4000000000|731");
        assertThat(client.ask("SELECT state, count(*) FROM pg_stat_replication GROUP BY state HAVING count(*) > 1"))
                .isEqualTo("streaming|2");
    }

    @Test
    void columnsAreThoseOfTheMirroredVersion() {
        assertThat(client.columns("SELECT * FROM pg_stat_wal_receiver"))
                .startsWith("pid:23 status:25 receive_start_lsn:3220 receive_start_tli:23 written_lsn:3220 ");
        try (ConsoleClientOfTest ten = new ConsoleClientOfTest(10, false, Limits.DEFAULT)) {
            assertThat(ten.columns("SELECT * FROM pg_stat_wal_receiver"))
                    .startsWith("pid:23 status:25 receive_start_lsn:3220 receive_start_tli:23 received_lsn:3220 ");
            assertThat(ten.refusal("SELECT wal_status FROM pg_replication_slots"))
                    .isEqualTo("42703 column \"wal_status\" does not exist");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT 1 FROM pg_am a FULL JOIN pg_am b USING (oid) | FULL JOIN is",
                "SELECT 1 FROM pg_am a FULL JOIN pg_am b ON a.oid = b.oid | FULL JOIN is",
                "SELECT 1 FROM pg_am a, LATERAL (SELECT a.oid) b | a LATERAL subquery that names what stands before it is",
                "SELECT 1 FROM pg_am GROUP BY ROLLUP (oid) | grouping sets are",
                "SELECT 1 FROM pg_am GROUP BY GROUPING SETS ((oid), ()) | grouping sets are"
            })
    void whatTheEngineCannotDoIsRefusedByName(String sql, String what) {
        assertThat(client.refusal(sql)).isEqualTo("0A000 " + what + " not supported by walrelay");
        assertThat(client.ask("SELECT x FROM LATERAL (SELECT 1) b(x)")).isEqualTo("1");
    }

    @Test
    void queryOfSeveralStatementsIsReadAsAWholeFirst() {
        assertThat(client.session.statements("SELECT 1; SELECT nosuch;")).hasSize(2);
        assertThatThrownBy(() -> client.session.statements("SELECT 1; SELEKT 2"))
                .isInstanceOfSatisfying(
                        PgException.class,
                        refused -> assertThat(refused.position()).hasValue(11))
                .hasMessage("syntax error at or near \"SELEKT\"");
    }

    @Test
    void keyWordsAreThoseOfTheMirroredVersion() {
        assertThat(client.columns("SELECT * FROM pg_get_keywords()"))
                .isEqualTo("word:25 catcode:18 barelabel:16 catdesc:25 baredesc:25");
        assertThat(client.ask(
                        "SELECT * FROM pg_catalog.pg_get_keywords() k WHERE k.word IN ('char', 'abort', 'select')"))
                .isEqualTo("""
                        abort|U|t|unreserved|can be bare label
                        char|C|f|unreserved (cannot be function or type name)|requires AS
                        select|R|t|reserved|can be bare label""");
        try (ConsoleClientOfTest ten = new ConsoleClientOfTest(10, false, Limits.DEFAULT)) {
            assertThat(ten.ask("SELECT count(*) FROM pg_get_keywords()")).isEqualTo("432");
        }
    }

    @Test
    void theRelaysOwnFactsHaveASchemaOfTheirOwn() {
        assertThat(client.ask("SELECT reason, keeps_from, retained_bytes, is_horizon FROM walrelay.retention"))
                .isEqualTo("replication slot \"standby1\"|0/2000000|16777472|t\nwal_keep_size|0/2800000|8388864|f");
        assertThat(client.ask("SELECT timeline_id, switch_lsn, current FROM walrelay.timelines ORDER BY 1"))
                .isEqualTo("1|0/2000000|f\n2||t");
        assertThat(client.ask("SELECT host, streaming FROM walrelay.upstreams")).isEqualTo("primary|t\nother|f");
        assertThat(client.ask("SELECT pg_size_pretty(wal_bytes) FROM walrelay.disk"))
                .isEqualTo("48 MB");
        assertThat(client.ask(
                        "SELECT backend_type, application_name, level, ratio, zstd_time FROM walrelay.compression"))
                .isEqualTo("walreceiver||||0\nwalsender|s1|3|4|2.5");
    }

    @Test
    void sessionsOfOthersHideWhatTheyDo() {
        assertThat(client.ask("SELECT pid, query, client_addr FROM pg_stat_activity ORDER BY pid DESC LIMIT 2"))
                .isEqualTo("200|START_REPLICATION|10.0.0.0\n102|<insufficient privilege>|");
    }

    @Test
    void functionsThatChangeSomethingNeedTheAdminRole() {
        assertThat(client.refusal("SELECT pg_terminate_backend(101)"))
                .isEqualTo(
                        "42501 must be a member of the role whose process is being terminated or member of pg_signal_backend");
        assertThat(client.refusal("SELECT walrelay.pause_upstream()"))
                .isEqualTo("42501 permission denied for function pause_upstream");
        assertThat(client.relay.asked).isEmpty();
    }

    @Test
    void anAdminChangesThingsOncePerRow() {
        try (ConsoleClientOfTest admin = ConsoleClientOfTest.admin()) {
            // When
            String answers = admin.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_replication ORDER BY pid");
            String slot = admin.ask("SELECT lsn, slot_name FROM pg_create_physical_replication_slot('s', true)");
            String record = admin.ask("SELECT pg_create_physical_replication_slot('t')");

            // Then
            assertThat(answers).isEqualTo("t\nf");
            assertThat(slot).isEqualTo("0/3000000|s");
            assertThat(record).isEqualTo("(t,)");
            assertThat(admin.relay.asked)
                    .containsExactly("terminate 101", "terminate 102", "create s true false", "create t false false");
        }
    }
}
