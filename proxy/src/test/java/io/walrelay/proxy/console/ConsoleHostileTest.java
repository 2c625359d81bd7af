package io.walrelay.proxy.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.console.engine.Limits;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client that means harm can reach: nothing but views and the listed functions, for a bounded time. */
final class ConsoleHostileTest {
    private static final Limits TIGHT = new Limits(Duration.ofMillis(500), 16L << 20, 32L << 20, 1000);

    private final ConsoleClientOfTest client = new ConsoleClientOfTest(15, true, TIGHT);

    @AfterEach
    void close() {
        client.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT file_read('/etc/passwd')",
                "SELECT FILE_READ('/etc/passwd', NULL)",
                "SELECT * FROM csvread('/etc/passwd')",
                "SELECT csvwrite('/tmp/x', 'SELECT 1')",
                "SELECT file_write('x', '/tmp/x')",
                "SELECT link_schema('a', '', 'jdbc:h2:mem:x', 'sa', '', 'PUBLIC')",
                "SELECT h2version()",
                "SELECT \"call_text\"(0)",
                "SELECT call_text(0)",
                "SELECT session_id()",
                "SELECT memory_used()",
                "SELECT database_path()",
                "SELECT pg_read_file('/etc/passwd')",
                "SELECT pg_ls_dir('/')",
                "SELECT lo_import('/etc/passwd')",
                "SELECT set(@a, 1)",
                "SELECT java_object('x')",
                "SELECT * FROM system_range(1, 3)",
                "SELECT * FROM table(x int = (1, 2))"
            })
    void functionsOfTheEngineDoNotExist(String sql) {
        assertThat(client.refusal(sql))
                .matches("(42883 function .* does not exist|42601 syntax error at or near .*"
                        + "|42883 operator does not exist: .*|42703 .*)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RUNSCRIPT FROM '/tmp/x'",
                "SCRIPT TO '/tmp/x'",
                "SHUTDOWN",
                "BACKUP TO '/tmp/x.zip'",
                "SET TRACE_LEVEL_FILE 3; SELECT 1",
                "CALL file_read('/etc/passwd')",
                "EXECUTE IMMEDIATE 'SHUTDOWN'",
                "SHOW TABLES FROM x",
                "@loop 1000 SELECT 1",
                "HELP",
                "COPY x FROM PROGRAM 'id'",
                "DO $$ BEGIN END $$",
                "CREATE ALIAS x FOR 'java.lang.System.exit'",
                "CREATE LINKED TABLE x('', '', '', '', '')",
                "LOAD 'x'"
            })
    void statementsOfTheEngineAreNotCarriedOut(String sql) {
        assertThat(client.refusal(sql)).matches("(42601 syntax error at or near .*|0A000 .*|42704 .*)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TRIGGER x BEFORE SELECT ON y CALL 'z'",
                "DROP TABLE pg_class",
                "INSERT INTO pg_class VALUES (1)",
                "UPDATE pg_class SET relname = 'x'",
                "DELETE FROM pg_class",
                "MERGE INTO pg_class VALUES (1)",
                "TRUNCATE pg_class",
                "ALTER SYSTEM SET port = 1",
                "GRANT ALL ON pg_class TO PUBLIC",
                "WITH x AS (DELETE FROM pg_class) SELECT 1",
                "SELECT * INTO x FROM pg_class",
                "SELECT * FROM pg_class FOR UPDATE"
            })
    void nothingIsWritten(String sql) {
        assertThat(client.refusal(sql)).matches("25006 cannot execute .* in a read-only transaction");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM information_schema.settings",
                "SELECT * FROM information_schema.in_doubt",
                "SELECT * FROM \"INFORMATION_SCHEMA\".\"USERS\"",
                "SELECT * FROM information_schema.users",
                "SELECT * FROM dual_x"
            })
    void tablesOfTheEngineAreNotSeen(String sql) {
        assertThat(client.refusal(sql)).startsWith("42P01 relation ");
    }

    @Test
    void literalsStayLiterals() {
        assertThat(client.ask("SELECT 'a''b', E'x\\'; SHUTDOWN; --', $$' || file_read('x') || '$$, 'ü\\u0027'"))
                .isEqualTo("a'b|x'; SHUTDOWN; --|' || file_read('x') || '|ü\\u0027");
        assertThat(client.columns("SELECT 1 AS \"a\"\" FROM x; SHUTDOWN; --\""))
                .isEqualTo("a\" FROM x; SHUTDOWN; --:23");
        assertThat(client.refusal("SELECT \"x\"\" FROM y\" FROM pg_class"))
                .isEqualTo("42703 column \"x\" FROM y\" does not exist");
        assertThat(client.ask("SELECT x FROM (VALUES ('?1'), ('{d''1''}'), ('a\u0000b')) v(x)"))
                .startsWith("?1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT count(*) FROM pg_attribute a, pg_attribute b, pg_attribute c",
                "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n * 1 FROM r) SELECT count(*) FROM r",
                "SELECT pg_sleep(3600)",
                "SELECT pg_sleep(0.1) FROM pg_attribute",
                "SELECT repeat('a', 40) || 'b' ~ '(a+)+$'",
                "SELECT repeat('a', 100000) LIKE repeat('%a', 10000) || 'b'",
                "SELECT count(*) FROM pg_attribute a JOIN pg_attribute b ON a.attname ~ (b.attname || 'x')",
                "SELECT array_agg(a.attname || b.attname) FROM pg_attribute a, pg_attribute b",
                "SELECT string_agg(repeat('x', 1000), '') FROM pg_attribute a, pg_attribute b",
                "SELECT * FROM pg_attribute a, pg_attribute b ORDER BY a.attname || b.attname",
                "SELECT DISTINCT a.attname || b.attname FROM pg_attribute a, pg_attribute b",
                "SELECT repeat(repeat('x', 1000000), 1000)",
                "SELECT generate_series(1, 2000000000)",
                "SELECT lpad('x', 2000000000)",
                "SELECT power(10, 300)::numeric ^ 300",
                "SELECT '1e999999999'::numeric",
                "SELECT sum(x) OVER (ORDER BY y) FROM (SELECT a.attnum x, b.attnum y FROM pg_attribute a, pg_attribute b) z"
            })
    void whatTakesTooMuchIsStopped(String sql) {
        // When
        long begun = System.nanoTime();
        String refusal = client.refusal(sql);

        // Then
        assertThat(refusal).matches("(57014|53200|54000|22003|42883|none).*");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        assertThat(client.ask("SELECT 1")).isEqualTo("1");
    }

    @Test
    void nestingIsBounded() {
        assertThat(client.refusal("SELECT " + "(".repeat(100_000) + "1" + ")".repeat(100_000)))
                .startsWith("54001 ");
        assertThat(client.refusal("SELECT " + "(".repeat(5_000) + "1" + ")".repeat(5_000)))
                .startsWith("54001 ");
        assertThat(client.refusal("SELECT " + "-".repeat(1) + "1 + 1".repeat(8_000)))
                .startsWith("54001 ");
        assertThat(client.refusal("SELECT " + "NOT ".repeat(5_000) + "true")).startsWith("54001 ");
        assertThat(client.ask("SELECT 1")).isEqualTo("1");
    }

    @Test
    void aRunningStatementIsCancelled() throws Exception {
        try (ConsoleClientOfTest patient = new ConsoleClientOfTest(15, false, Limits.DEFAULT)) {
            // Given
            CompletableFuture<String> asked =
                    CompletableFuture.supplyAsync(() -> patient.refusal("SELECT pg_sleep(3600)"));

            // When
            while (!asked.isDone()) {
                patient.session.cancel();
                Thread.onSpinWait();
            }

            // Then
            assertThat(asked.get()).isEqualTo("57014 canceling statement due to user request");
        }
    }

    @Test
    void resultsAreBounded() {
        assertThat(client.refusal("SELECT a.attname FROM pg_attribute a"))
                .isEqualTo("54000 a query may give 1000 rows at most");
    }
}
