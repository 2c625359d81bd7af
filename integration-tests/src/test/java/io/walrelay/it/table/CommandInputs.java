package io.walrelay.it.table;

import static io.walrelay.it.table.Input.loggedIn;

import java.util.List;
import java.util.stream.Stream;

/** Commands that begin no stream, and what is no command at all. */
final class CommandInputs {
    private CommandInputs() {}

    static Stream<Input> all() {
        return Stream.of(lexer(), queries(), backups(), sequences()).flatMap(inputs -> inputs);
    }

    private static Stream<Input> lexer() {
        return Stream.of(
                        "IDENTIFY_SYSTEM",
                        "  \t\n IDENTIFY_SYSTEM  ",
                        "IDENTIFY_SYSTEM;",
                        "IDENTIFY_SYSTEM ; ",
                        "IDENTIFY_SYSTEM;;",
                        "IDENTIFY_SYSTEM;IDENTIFY_SYSTEM",
                        "IDENTIFY_SYSTEM x",
                        "IDENTIFY_SYSTEM 'x'",
                        "IDENTIFY_SYSTEM \"x\"",
                        "IDENTIFY_SYSTEM 1",
                        "IDENTIFY_SYSTEM 0/1",
                        "IDENTIFY_SYSTEM ()",
                        "identify_system",
                        "Identify_System",
                        "IDENTIFY_SYSTEMX",
                        "IDENTIFY_SYSTEM -- comment",
                        "IDENTIFY_SYSTEM /* comment */",
                        "-- comment\nIDENTIFY_SYSTEM",
                        "/* comment */ IDENTIFY_SYSTEM",
                        "",
                        "   ",
                        ";",
                        ";;",
                        "'",
                        "\"",
                        "'IDENTIFY_SYSTEM'",
                        "\"IDENTIFY_SYSTEM\"",
                        "IDENTIFY_SYSTEM '",
                        "IDENTIFY_SYSTEM \"",
                        "IDENTIFY_SYSTEM \"\"",
                        "IDENTIFY_SYSTEM %",
                        "IDENTIFY_SYSTEM \u00e9",
                        "NONSENSE",
                        "123",
                        "0/1000000",
                        "(",
                        "SLOT",
                        "PHYSICAL",
                        "SELECT 1",
                        "select pg_is_in_recovery()",
                        "SET datestyle = 'ISO'",
                        "BEGIN",
                        "COMMIT",
                        "show server_version",
                        "COPY t TO STDOUT",
                        "VACUUM",
                        "x".repeat(20_000))
                .map(query -> query.length() > 100
                        ? loggedIn("a word of 20000 letters", (client, at) -> client.ask(query))
                        : Input.query(query));
    }

    private static Stream<Input> queries() {
        return Stream.of(
                        // SHOW
                        "SHOW server_version",
                        "SHOW server_version_num",
                        "SHOW wal_segment_size",
                        "SHOW WAL_SEGMENT_SIZE",
                        "SHOW \"wal_segment_size\"",
                        "SHOW \"WAL_SEGMENT_SIZE\"",
                        "SHOW wal_segment_size;",
                        "SHOW data_directory_mode",
                        "SHOW datestyle",
                        "SHOW timezone",
                        "SHOW integer_datetimes",
                        "SHOW transaction_read_only",
                        "SHOW default_transaction_read_only",
                        "SHOW in_hot_standby",
                        "SHOW is_superuser",
                        "SHOW session_authorization",
                        "SHOW application_name",
                        "SHOW client_encoding",
                        "SHOW server_encoding",
                        "SHOW standard_conforming_strings",
                        "SHOW intervalstyle",
                        "SHOW wal_block_size",
                        "SHOW block_size",
                        "SHOW wal_level",
                        "SHOW max_wal_senders",
                        "SHOW max_replication_slots",
                        "SHOW wal_sender_timeout",
                        "SHOW cluster_name",
                        "SHOW statement_timeout",
                        "SHOW lock_timeout",
                        "SHOW idle_in_transaction_session_timeout",
                        "SHOW search_path",
                        "SHOW extra_float_digits",
                        "SHOW work_mem",
                        "SHOW log_min_messages",
                        "SHOW transaction_isolation",
                        "SHOW hot_standby",
                        "SHOW summarize_wal",
                        "SHOW data_checksums",
                        "SHOW data_checksum_version",
                        "SHOW no_such_thing",
                        "SHOW No_Such.Thing",
                        "SHOW a.b.c",
                        "SHOW",
                        "SHOW ;",
                        "SHOW 'wal_segment_size'",
                        "SHOW wal_segment_size x",
                        "SHOW wal_segment_size, block_size",
                        "SHOW wal_segment_size; SELECT 1",
                        "SHOW TIMELINE",
                        "SHOW \"TIMELINE\"",
                        "SHOW SLOT",
                        "SHOW 1",
                        "SHOW .",
                        "SHOW a.",
                        "SHOW .a",
                        "SHOW " + "n".repeat(70),
                        // TIMELINE_HISTORY
                        "TIMELINE_HISTORY 2",
                        "TIMELINE_HISTORY 2;",
                        "TIMELINE_HISTORY 0002",
                        "TIMELINE_HISTORY 1",
                        "TIMELINE_HISTORY 3",
                        "TIMELINE_HISTORY 0",
                        "TIMELINE_HISTORY 4294967295",
                        "TIMELINE_HISTORY 4294967296",
                        "TIMELINE_HISTORY 4294967298",
                        "TIMELINE_HISTORY 99999999999",
                        "TIMELINE_HISTORY 99999999999999999999999999",
                        "TIMELINE_HISTORY -1",
                        "TIMELINE_HISTORY 1.5",
                        "TIMELINE_HISTORY x",
                        "TIMELINE_HISTORY 'x'",
                        "TIMELINE_HISTORY '2'",
                        "TIMELINE_HISTORY",
                        "TIMELINE_HISTORY 2 2",
                        "TIMELINE_HISTORY 0x2",
                        "TIMELINE_HISTORY 2x",
                        "TIMELINE_HISTORY 0/2",
                        // commands of later versions
                        "UPLOAD_MANIFEST x",
                        "ALTER_REPLICATION_SLOT",
                        "ALTER_REPLICATION_SLOT nothing (FAILOVER)",
                        "ALTER_REPLICATION_SLOT nothing (FAILOVER false)",
                        "ALTER_REPLICATION_SLOT nothing (TWO_PHASE)",
                        "ALTER_REPLICATION_SLOT nothing (NONSENSE)",
                        "ALTER_REPLICATION_SLOT nothing ()",
                        "ALTER_REPLICATION_SLOT nothing")
                .map(Input::query);
    }

    private static Stream<Input> backups() {
        return Stream.of(
                        "BASE_BACKUP x",
                        "BASE_BACKUP (",
                        "BASE_BACKUP (NONSENSE)",
                        "BASE_BACKUP (LABEL 'a', LABEL 'b')",
                        "BASE_BACKUP (PROGRESS maybe)",
                        "BASE_BACKUP (CHECKPOINT 'soon')",
                        "BASE_BACKUP (MAX_RATE 1)",
                        "BASE_BACKUP (MAX_RATE 'x')",
                        "BASE_BACKUP (MAX_RATE 99999999)",
                        "BASE_BACKUP (MANIFEST 'maybe')",
                        "BASE_BACKUP (MANIFEST_CHECKSUMS 'nonsense')",
                        "BASE_BACKUP (MANIFEST 'no', MANIFEST_CHECKSUMS 'crc32c')",
                        "BASE_BACKUP (TARGET 'nowhere')",
                        "BASE_BACKUP (TARGET 'client', TARGET_DETAIL 'x')",
                        "BASE_BACKUP (TARGET_DETAIL 'x')",
                        "BASE_BACKUP (COMPRESSION 'nonsense')",
                        "BASE_BACKUP (COMPRESSION_DETAIL '1')",
                        "BASE_BACKUP (COMPRESSION 'gzip', COMPRESSION_DETAIL 'nonsense')",
                        "BASE_BACKUP (INCREMENTAL)",
                        "BASE_BACKUP LABEL",
                        "BASE_BACKUP LABEL x",
                        "BASE_BACKUP LABEL 'a' LABEL 'b'",
                        "BASE_BACKUP MAX_RATE 1",
                        "BASE_BACKUP MAX_RATE 99999999",
                        "BASE_BACKUP MAX_RATE x",
                        "BASE_BACKUP MANIFEST 'maybe'",
                        "BASE_BACKUP MANIFEST_CHECKSUMS 'nonsense'",
                        "BASE_BACKUP MANIFEST_CHECKSUMS 'crc32c'",
                        "BASE_BACKUP FAST FAST",
                        "BASE_BACKUP NONSENSE")
                .map(Input::query);
    }

    /** A refused command leaves the connection as it was. */
    private static Stream<Input> sequences() {
        List<String> refused = List.of(
                "NONSENSE",
                "identify_system",
                "SHOW no_such_thing",
                "TIMELINE_HISTORY 77",
                "DROP_REPLICATION_SLOT nothing");
        return refused.stream()
                .map(query -> loggedIn(
                        query + ", then IDENTIFY_SYSTEM",
                        (client, at) -> client.ask(query).ask("IDENTIFY_SYSTEM")));
    }
}
