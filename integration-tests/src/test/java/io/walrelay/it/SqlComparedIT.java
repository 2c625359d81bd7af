package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.Relays;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements that do not depend on a server's state, asked of the console and of the server that it stands in for. */
class SqlComparedIT {
    private static final List<String> STATEMENTS = List.of(
            "SELECT pg_wal_lsn_diff('1/0', '0/FFFFFF00'), pg_wal_lsn_diff('0/0', 'FFFFFFFF/FFFFFFFF')",
            "SELECT '16/B374D848'::pg_lsn - '16/B374D800'::pg_lsn, '16/B374D848'::pg_lsn > '2/0'::pg_lsn",
            "SELECT '1/80000000'::pg_lsn, '0/a'::pg_lsn::text, '0/0' = pg_lsn '0/0'",
            "SELECT max(x), min(x), count(DISTINCT x) FROM (VALUES ('2/0'::pg_lsn), ('10/0'), ('F/0'), ('2/0')) v(x)",
            "SELECT x FROM (VALUES ('2/0'::pg_lsn), ('10/0'), ('FFFFFFFF/0')) v(x) ORDER BY x DESC",
            "SELECT 'nonsense'::pg_lsn",
            "SELECT '1/'::pg_lsn",
            "SELECT pg_size_pretty(n::bigint) FROM (VALUES (0), (10239), (10240), (-10240), (1048576), (2147483647)) v(n)",
            "SELECT pg_size_pretty(123456789012345::numeric)",
            "SELECT current_setting('server_version_num')::int / 10000 > 9",
            "SELECT current_setting('no_such_thing')",
            "SELECT current_setting('no_such_thing', true) IS NULL",
            "SELECT current_database(), current_user, session_user",
            "SELECT to_char(timestamp '2024-02-29 13:04:05.678', 'YYYY-MM-DD HH24:MI:SS.MS'), 1 / 2, 7 % -3, 2 ^ 10",
            "SELECT extract(epoch FROM interval '1 day 02:03:04.5'), date_trunc('hour', timestamp '2024-02-29 13:04:05')",
            "SELECT coalesce(NULL, 'x'), nullif(1, 1) IS NULL, greatest(1, 3, 2), CASE WHEN false THEN 1 ELSE 2 END",
            "SELECT array_to_string(ARRAY['a', NULL, 'b'], ',', '-'), 'b' = ANY (ARRAY['a', 'b']), cardinality(ARRAY[1, 2])",
            "SELECT upper('a') || 'b' || 1, length('äöü'), substring('abcdef' FROM 2 FOR 3), split_part('a.b.c', '.', 2)",
            "SELECT 'abc' ~ 'b.', 'ABC' ~* 'b', 'abc' LIKE 'a%', regexp_replace('abc', 'b', 'x'), quote_ident('A b')",
            "SELECT n, sum(n) OVER (ORDER BY n), rank() OVER (ORDER BY n DESC) FROM generate_series(1, 3) n ORDER BY n",
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT sum(n) FROM r",
            "SELECT a.n, b.n FROM generate_series(1, 2) a(n) LEFT JOIN generate_series(2, 3) b(n) USING (n) ORDER BY 1",
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM pg_class) UNION SELECT 2 EXCEPT SELECT 3 ORDER BY 1",
            "SELECT nosuch FROM pg_class",
            "SELECT * FROM nosuch",
            "SELECT nosuch(1)",
            "SELECT 1 +",
            "SELECT 1 / 0",
            "SELECT 'x'::int",
            "SET no_such_thing = 1",
            "SHOW no_such_thing",
            "SET port = 1",
            "SELECT pg_drop_replication_slot('nosuch')",
            "SELECT slot_name FROM pg_create_physical_replication_slot('Bad')",
            "SELECT pg_terminate_backend(2147483647)",
            "SELECT current_schema(), current_schema",
            "SHOW search_path",
            "SET search_path = pg_catalog, public",
            "SELECT current_schema()",
            "SET search_path = nosuch, \"$user\"",
            "SELECT current_schema() IS NULL",
            "RESET search_path",
            "SELECT d::date, to_char(d, 'Day|DAY|day|Dy|DY|dy|D|ID|DD|DDD|IDDD|WW|IW|W|J|Q')"
                    + " FROM generate_series(timestamp '2023-12-28', '2024-03-04', interval '1 day') d",
            "SELECT to_char(d, 'Month|MONTH|month|Mon|MON|mon|MM|RM|rm|FMMonth|FMMM|FMRM|FMDay, DD')"
                    + " FROM generate_series(timestamp '2024-01-09', '2024-12-09', interval '29 days') d",
            "SELECT to_char(d, 'HH12 HH HH24 MI SS AM am PM P.M. a.m. SSSS SSSSS MS US FF1 FF2 FF3 FF4 FF5 FF6 FMHH24:FMMI')"
                    + " FROM generate_series(timestamp '2024-02-29 00:00:09.0123', '2024-02-29 23:59', interval '1 hour') d",
            "SELECT to_char(timestamp '2024-02-29', 'YYYY YYY YY Y Y,YYY yyyy IYYY IYY IY I CC cc BC ad A.D. b.c.')",
            "SELECT to_char(d, 'DDth DDTH FMDDth FMDDTH HH24th Dayth') FROM generate_series(timestamp '2024-01-01',"
                    + " '2024-01-31', interval '1 day') d",
            "SELECT to_char(timestamptz '2024-02-29 12:00', 'TZ tz TZH:TZM OF FMOF FXYYYY TMDay TMMonth')",
            "SELECT to_char(timestamp '2024-02-29', '\"Day\" Day \\\"MM\\\" Yyyy hh24 Hh x% \"a\\\"b')");

    private static final List<String> MISTAKES = List.of(
            "SELECT oid, amname FROM pg_am GROUP BY amname HAVING true",
            "SELECT a.amname, count(*) FROM pg_am a",
            "SELECT amname, count(*) FROM pg_am",
            "SELECT count(*), upper(a.amname) || 'x' FROM pg_am a WHERE true",
            "SELECT * FROM (VALUES (1, 2)) v(a, b) GROUP BY a",
            "SELECT v.* FROM (VALUES (1, 2)) v(a, b) GROUP BY a",
            "SELECT a FROM (VALUES (1, 2)) v(a, b) GROUP BY a ORDER BY b",
            "SELECT a FROM (VALUES (1, 2)) v(a, b) GROUP BY a HAVING b > 1",
            "SELECT a + b, count(*) FROM (VALUES (1, 2)) v(a, b) GROUP BY a + b",
            "SELECT (a + b) * 2, count(*) FROM (VALUES (1, 2)) v(a, b) GROUP BY a + b ORDER BY a + b",
            "SELECT a + b + 1 AS n, count(*) FROM (VALUES (1, 2)) v(a, b) GROUP BY n ORDER BY n",
            "SELECT a + b, count(*) FROM (VALUES (1, 2)) v(a, b) GROUP BY 1",
            "SELECT a - b, count(*) FROM (VALUES (1, 2)) v(a, b) GROUP BY a + b",
            "SELECT CASE WHEN a = 1 THEN sum(b) ELSE max(b) END FROM (VALUES (1, 2)) v(a, b) GROUP BY a",
            "SELECT CASE WHEN b = 1 THEN sum(b) ELSE max(b) END FROM (VALUES (1, 2)) v(a, b) GROUP BY a",
            "SELECT a, sum(count(*)) OVER () FROM (VALUES (1, 2)) v(a, b) GROUP BY a",
            "SELECT a, sum(b) OVER () FROM (VALUES (1, 2)) v(a, b) GROUP BY a",
            "SELECT a, (SELECT count(*) FROM pg_am WHERE amname = 'nosuch') FROM (VALUES (1, 2)) v(a, b) GROUP BY a",
            "SELECT 1 FROM pg_am WHERE count(*) > 1",
            "SELECT count(*) FROM pg_am GROUP BY count(*)",
            "SELECT max(count(*)) FROM pg_am",
            "SELECT count(*) FROM pg_am HAVING amname = 'x'",
            "SELECT max(a), 'x' || min(b) FROM (VALUES (1, 2)) v(a, b)",
            "SELECT a.x, b.y FROM (VALUES (1)) a(x), (VALUES (2)) b(y) GROUP BY a.x");

    /** Words and types of expressions are those of 14 and later: older servers differ in a few. */
    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {15, 18})
    void statementsAreAnsweredAsTheServerAnswersThem(int major) throws Exception {
        try (Clusters clusters = Clusters.of(major)) {
            // Given
            PostgresCluster primary = clusters.primary(Map.of());
            int relay = Relays.inProcess(clusters, primary.conninfo(), Map.of("admin_users", "postgres"))
                    .port();
            try (ConsoleConnection server = ConsoleConnection.to(primary.port());
                    ConsoleConnection console = ConsoleConnection.to(relay)) {
                // When
                Map<String, String> expected = new TreeMap<>();
                Map<String, String> actual = new TreeMap<>();
                for (String sql : STATEMENTS) {
                    expected.put(sql, answer(server, sql));
                    actual.put(sql, answer(console, sql));
                }

                for (String sql : MISTAKES) {
                    expected.put(sql, answer(server, sql));
                    actual.put(sql, answer(console, sql));
                }

                // Then
                assertThat(actual).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("io.walrelay.it.support.Majors#all")
    void everySystemRelationHasTheColumnsAndTypesOfTheServers(int major) throws Exception {
        try (Clusters clusters = Clusters.of(major)) {
            // Given
            PostgresCluster primary = clusters.primary(Map.of());
            int relay = Relays.inProcess(clusters, primary.conninfo(), Map.of()).port();
            try (ConsoleConnection server = ConsoleConnection.to(primary.port());
                    ConsoleConnection console = ConsoleConnection.to(relay)) {
                List<String> relations = server.ask(
                                "SELECT nspname || '.' || relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                                        + " WHERE nspname IN ('pg_catalog', 'information_schema') AND relkind IN ('r', 'v')")
                        .lines()
                        .toList();
                assertThat(relations).hasSizeGreaterThan(150);

                // When
                Map<String, String> expected = new TreeMap<>();
                Map<String, String> actual = new TreeMap<>();
                for (String relation : relations) {
                    expected.put(relation, columns(server, relation));
                    actual.put(relation, columns(console, relation));
                }
                actual.entrySet().removeIf(relation -> relation.getValue().equals(expected.get(relation.getKey())));

                // Then
                assertThat(actual).isEmpty();
            }
        }
    }

    private static String columns(ConsoleConnection connection, String relation) {
        StringJoiner columns = new StringJoiner(", ");
        try (Statement statement = connection.jdbc().createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + relation + " WHERE false")) {
            ResultSetMetaData metadata = rows.getMetaData();
            for (int i = 1; i <= metadata.getColumnCount(); i++) {
                columns.add(metadata.getColumnName(i) + " " + metadata.getColumnTypeName(i));
            }
        } catch (SQLException e) {
            columns.add(String.valueOf(e.getMessage()));
        }
        return columns.toString();
    }

    private static String answer(ConsoleConnection connection, String sql) {
        try {
            return connection.ask(sql);
        } catch (SQLException refused) {
            // The driver's message says the position too.
            return refused.getSQLState() + " " + refused.getMessage();
        }
    }
}
