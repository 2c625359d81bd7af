package io.walrelay.it.table;

import java.util.List;
import java.util.stream.Stream;

/** Connections for replication that are connected to a database: replication commands and SQL, one after the other. */
final class DatabaseInputs {
    private static final String PASSING = "SELECT active::text FROM pg_replication_slots WHERE slot_name = 'passing'";

    private DatabaseInputs() {}

    static Stream<Input> all() {
        return Stream.of(
                        List.of("SELECT 1"),
                        List.of(""),
                        List.of(" ; "),
                        List.of("SELECT 1 AS a; SELECT 'x' AS b, NULL::int AS c"),
                        List.of("select pg_is_in_recovery()", "IDENTIFY_SYSTEM"),
                        List.of("IDENTIFY_SYSTEM; SELECT 1"),
                        List.of("SELECT 1; IDENTIFY_SYSTEM"),
                        List.of("identify_system"),
                        List.of("NONSENSE", "IDENTIFY_SYSTEM"),
                        List.of("SELECT nosuch", "SELECT 2"),
                        List.of("SELECT current_database()"),
                        List.of(
                                "SELECT datname::text, backend_type || '', state || '', query || '' FROM pg_stat_activity"
                                        + " WHERE pid = pg_backend_pid()"),
                        List.of(
                                "SELECT application_name || '', state || '' FROM pg_stat_replication WHERE pid = pg_backend_pid()"),
                        List.of("SHOW server_version", "SHOW application_name", "SHOW no_such_thing"),
                        List.of("SET application_name = 'other'", "SHOW application_name"),
                        List.of("SET datestyle = 'SQL, DMY'", "SHOW datestyle", "RESET datestyle", "SHOW datestyle"),
                        List.of("SHOW wal_segment_size", "show wal_segment_size"),
                        List.of("BEGIN", "IDENTIFY_SYSTEM", "SHOW wal_segment_size", "COMMIT"),
                        List.of("BEGIN", "SELECT nosuch", "IDENTIFY_SYSTEM", "SHOW wal_segment_size", "ROLLBACK"),
                        List.of("BEGIN", "SHOW no_such_thing", "SELECT 1", "COMMIT"),
                        List.of("BEGIN", "TIMELINE_HISTORY 2", "ROLLBACK"),
                        List.of("BEGIN", "START_REPLICATION 0/1000000", "ROLLBACK"),
                        List.of("BEGIN", "BASE_BACKUP", "ROLLBACK"),
                        List.of("BEGIN", "READ_REPLICATION_SLOT nothing", "ROLLBACK"),
                        List.of("TIMELINE_HISTORY 2"),
                        List.of("DROP_REPLICATION_SLOT nothing"),
                        List.of(
                                "CREATE_REPLICATION_SLOT of_database PHYSICAL",
                                "SELECT slot_name::text, active::text FROM pg_replication_slots WHERE slot_name = 'of_database'",
                                "DROP_REPLICATION_SLOT of_database"),
                        List.of(
                                "CREATE_REPLICATION_SLOT passing TEMPORARY PHYSICAL",
                                PASSING,
                                "BEGIN",
                                "ROLLBACK",
                                PASSING,
                                "SELECT nosuch",
                                PASSING),
                        List.of("CREATE TABLE t (a int)", "CREATE TABLE", "CREATE NONSENSE x", "CREATE TABLE t (a int"),
                        List.of("CREATE UNIQUE INDEX i ON pg_am (oid)", "CREATE OR REPLACE VIEW v AS SELECT 1"),
                        List.of(
                                "DROP TABLE",
                                "DROP VIEW nosuch",
                                "ALTER TABLE",
                                "COMMENT x",
                                "TRUNCATE",
                                "TRUNCATE pg_am"),
                        List.of("INSERT pg_am", "INSERT INTO pg_am", "INSERT INTO pg_am VALUES (1)"),
                        List.of("UPDATE pg_am", "UPDATE pg_am SET amname = 'x'", "DELETE pg_am", "DELETE FROM pg_am"),
                        List.of("DELETE FROM pg_am a b", "CREATE USER x", "DROP ROLE x", "GRANT"),
                        List.of("LISTEN x", "NOTIFY x", "UNLISTEN *", "UNLISTEN x", "UNLISTEN"),
                        List.of("VACUUM pg_am", "ANALYZE pg_am", "REINDEX TABLE pg_am", "REINDEX"),
                        List.of("CREATE_REPLICATION_SLOT logical LOGICAL test_decoding", "SELECT 1"),
                        List.of("START_REPLICATION SLOT logical LOGICAL 0/0", "SELECT 1"))
                .map(DatabaseInputs::input);
    }

    /** What a walsender is asked besides. */
    static Stream<Input> messages() {
        byte[] parse = {0, 'S', 'E', 'L', 'E', 'C', 'T', ' ', '1', 0, 0, 0};
        return Stream.of(
                Input.fresh(
                        "replication=database: its login",
                        (client, at) -> client.startup(
                                        "user", "postgres", "database", "postgres", "replication", "database")
                                .untilReady()),
                Input.fresh(
                        "replication=database: a database that is not there",
                        (client, at) -> client.startup(
                                        "user", "postgres", "database", "nowhere", "replication", "database")
                                .untilClosed()),
                Input.fresh(
                        "replication=true: nothing for idle_session_timeout",
                        (client, at) -> client.startup(
                                        "user",
                                        "postgres",
                                        "replication",
                                        "true",
                                        "options",
                                        "-c idle_session_timeout=300")
                                .untilClosed()),
                Input.inDatabase(
                        "replication=database: nothing for idle_in_transaction_session_timeout",
                        (client, at) -> client.ask("SET idle_in_transaction_session_timeout = 300")
                                .ask("BEGIN")
                                .untilClosed()),
                Input.inDatabase(
                        "replication=database: a stream takes longer than idle_session_timeout",
                        (client, at) ->
                                client
                                        .ask("SET idle_in_transaction_session_timeout = 300")
                                        .ask("IDENTIFY_SYSTEM")
                                        .stream("START_REPLICATION " + at.segmentStart(), at.position())
                                        .ask("SELECT 1")),
                Input.inDatabase(
                        "replication=database: Parse, Sync",
                        (client, at) -> client.message('P', parse)
                                .message('S')
                                .untilReady()
                                .ask("SELECT 1")),
                Input.inDatabase(
                        "replication=database: BEGIN, Parse, Sync",
                        (client, at) -> client.ask("BEGIN")
                                .message('P', parse)
                                .message('S')
                                .untilReady()
                                .ask("ROLLBACK")),
                Input.inDatabase(
                        "replication=database: three at once",
                        (client, at) -> client.query("SELECT 1")
                                .query("IDENTIFY_SYSTEM")
                                .query("SELECT 2")
                                .untilReady()
                                .untilReady()
                                .untilReady()),
                Input.inDatabase(
                        "replication=database: a stream, then SQL",
                        (client, at) -> client.ask("IDENTIFY_SYSTEM").stream(
                                        "START_REPLICATION " + at.segmentStart(), at.position())
                                .ask("SELECT 1")));
    }

    private static Input input(List<String> queries) {
        return Input.inDatabase("replication=database: " + String.join(" | ", queries), (client, at) -> {
            for (String query : queries) {
                client.ask(query);
            }
        });
    }
}
