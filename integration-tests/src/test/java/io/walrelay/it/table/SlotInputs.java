package io.walrelay.it.table;

import static io.walrelay.it.table.Input.loggedIn;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Replication slots. Each conversation removes what it makes. */
final class SlotInputs {
    private SlotInputs() {}

    static Stream<Input> all() {
        return Stream.of(lives(), refusals(), conversations()).flatMap(inputs -> inputs);
    }

    /** Made, looked at, made again, dropped, dropped again. */
    private static Stream<Input> lives() {
        return Stream.of(
                        "PHYSICAL",
                        "PHYSICAL;",
                        "PHYSICAL RESERVE_WAL",
                        "PHYSICAL (RESERVE_WAL)",
                        "PHYSICAL ( RESERVE_WAL true )",
                        "PHYSICAL (RESERVE_WAL 'on')",
                        "PHYSICAL (RESERVE_WAL 1)",
                        "PHYSICAL (RESERVE_WAL 0)",
                        "PHYSICAL (RESERVE_WAL 2)",
                        "PHYSICAL (RESERVE_WAL false)",
                        "PHYSICAL (RESERVE_WAL maybe)",
                        "PHYSICAL (RESERVE_WAL, RESERVE_WAL)",
                        "PHYSICAL (\"reserve_wal\")",
                        "PHYSICAL (\"RESERVE_WAL\")",
                        "PHYSICAL (NONSENSE)",
                        "PHYSICAL (SNAPSHOT 'nothing')",
                        "PHYSICAL ()",
                        "PHYSICAL (",
                        "PHYSICAL RESERVE_WAL RESERVE_WAL",
                        "PHYSICAL TEMPORARY",
                        "TEMPORARY PHYSICAL",
                        "TEMPORARY PHYSICAL RESERVE_WAL",
                        "TEMPORARY TEMPORARY PHYSICAL",
                        "temporary PHYSICAL",
                        "physical",
                        "",
                        "LOGICAL",
                        "LOGICAL test_decoding",
                        "LOGICAL 'test_decoding'",
                        "TEMPORARY LOGICAL test_decoding",
                        "LOGICAL test_decoding EXPORT_SNAPSHOT",
                        "LOGICAL test_decoding NOEXPORT_SNAPSHOT",
                        "LOGICAL test_decoding USE_SNAPSHOT",
                        "LOGICAL test_decoding TWO_PHASE",
                        "LOGICAL test_decoding (SNAPSHOT 'nothing')",
                        "LOGICAL test_decoding (SNAPSHOT 'nonsense')",
                        "LOGICAL test_decoding (NONSENSE)")
                .map(kind -> loggedIn(
                        "CREATE_REPLICATION_SLOT life " + kind,
                        (client, at) -> client.ask("CREATE_REPLICATION_SLOT life " + kind)
                                .ask("CREATE_REPLICATION_SLOT life PHYSICAL")
                                .ask("DROP_REPLICATION_SLOT life")
                                .ask("DROP_REPLICATION_SLOT life")));
    }

    private static Stream<Input> refusals() {
        return Stream.of(
                        "CREATE_REPLICATION_SLOT",
                        "CREATE_REPLICATION_SLOT PHYSICAL",
                        "CREATE_REPLICATION_SLOT 'quoted' PHYSICAL",
                        "CREATE_REPLICATION_SLOT \"\" PHYSICAL",
                        "CREATE_REPLICATION_SLOT \"With-Dash\" PHYSICAL",
                        "CREATE_REPLICATION_SLOT \"Upper\" PHYSICAL",
                        "CREATE_REPLICATION_SLOT \"b l\" PHYSICAL",
                        "CREATE_REPLICATION_SLOT \"a\"\"b\" PHYSICAL",
                        "CREATE_REPLICATION_SLOT with-dash PHYSICAL",
                        "CREATE_REPLICATION_SLOT a$ PHYSICAL",
                        "CREATE_REPLICATION_SLOT \u00e9 PHYSICAL",
                        "CREATE_REPLICATION_SLOT 1a PHYSICAL",
                        "CREATE_REPLICATION_SLOT TIMELINE PHYSICAL",
                        "CREATE_REPLICATION_SLOT a b PHYSICAL",
                        "CREATE_REPLICATION_SLOT a PHYSICAL; SELECT 1",
                        "DROP_REPLICATION_SLOT",
                        "DROP_REPLICATION_SLOT nothing",
                        "DROP_REPLICATION_SLOT nothing;",
                        "DROP_REPLICATION_SLOT nothing WAIT",
                        "DROP_REPLICATION_SLOT nothing WAIT WAIT",
                        "DROP_REPLICATION_SLOT nothing NOWAIT",
                        "DROP_REPLICATION_SLOT nothing wait",
                        "DROP_REPLICATION_SLOT \"\"",
                        "DROP_REPLICATION_SLOT \"Not There\"",
                        "DROP_REPLICATION_SLOT 'nothing'",
                        "READ_REPLICATION_SLOT nothing",
                        "READ_REPLICATION_SLOT \"nothing\"",
                        "READ_REPLICATION_SLOT \"Not There\"",
                        "READ_REPLICATION_SLOT \"\"",
                        "READ_REPLICATION_SLOT",
                        "READ_REPLICATION_SLOT 'nothing'",
                        "READ_REPLICATION_SLOT a b")
                .map(Input::query);
    }

    private static Stream<Input> conversations() {
        String longName = "s".repeat(70);
        return Stream.of(
                conversation(
                        "a slot name is folded",
                        "CREATE_REPLICATION_SLOT Folded PHYSICAL",
                        "READ_REPLICATION_SLOT folded",
                        "READ_REPLICATION_SLOT \"Folded\"",
                        "DROP_REPLICATION_SLOT FOLDED"),
                conversation(
                        "a keyword is a name in quotes",
                        "CREATE_REPLICATION_SLOT \"timeline\" PHYSICAL",
                        "DROP_REPLICATION_SLOT \"timeline\" WAIT"),
                conversation(
                        "a slot name of 70 letters",
                        "CREATE_REPLICATION_SLOT " + longName + " PHYSICAL",
                        "DROP_REPLICATION_SLOT \"" + longName + "\""),
                conversation(
                        "a slot without WAL is read",
                        "CREATE_REPLICATION_SLOT empty PHYSICAL",
                        "READ_REPLICATION_SLOT empty",
                        "READ_REPLICATION_SLOT empty;",
                        "DROP_REPLICATION_SLOT empty"),
                conversation(
                        "a physical slot is altered",
                        "CREATE_REPLICATION_SLOT altered PHYSICAL",
                        "ALTER_REPLICATION_SLOT altered (FAILOVER)",
                        "ALTER_REPLICATION_SLOT altered (FAILOVER true, FAILOVER false)",
                        "ALTER_REPLICATION_SLOT altered (TWO_PHASE true)",
                        "DROP_REPLICATION_SLOT altered"),
                conversation(
                        "a temporary slot goes with the first error",
                        "CREATE_REPLICATION_SLOT fleeting TEMPORARY PHYSICAL RESERVE_WAL",
                        "NONSENSE",
                        "DROP_REPLICATION_SLOT fleeting"),
                conversation(
                        "a temporary slot is dropped",
                        "CREATE_REPLICATION_SLOT fleeting TEMPORARY PHYSICAL",
                        "DROP_REPLICATION_SLOT fleeting",
                        "DROP_REPLICATION_SLOT fleeting"),
                conversation(
                        "a temporary slot has the name of another",
                        "CREATE_REPLICATION_SLOT fleeting TEMPORARY PHYSICAL",
                        "CREATE_REPLICATION_SLOT fleeting PHYSICAL",
                        "DROP_REPLICATION_SLOT fleeting"),
                conversation(
                        "there is a place for four slots",
                        Stream.concat(
                                        IntStream.range(0, 5)
                                                .mapToObj(i -> "CREATE_REPLICATION_SLOT many" + i + " PHYSICAL"),
                                        IntStream.range(0, 4).mapToObj(i -> "DROP_REPLICATION_SLOT many" + i))
                                .toArray(String[]::new)),
                conversation(
                        "a stream uses a logical slot's grammar",
                        "START_REPLICATION SLOT nothing LOGICAL 0/0",
                        "START_REPLICATION SLOT nothing LOGICAL 0/0 (\"proto_version\" '1', \"x\")",
                        "START_REPLICATION SLOT nothing LOGICAL 0/0 ()",
                        "START_REPLICATION LOGICAL 0/0"),
                conversation(
                        "a physical slot is used as a logical one",
                        "CREATE_REPLICATION_SLOT plain PHYSICAL",
                        "START_REPLICATION SLOT plain LOGICAL 0/0",
                        "DROP_REPLICATION_SLOT plain"));
    }

    private static Input conversation(String name, String... queries) {
        return loggedIn(name, (client, at) -> {
            for (String query : List.of(queries)) {
                client.ask(query);
            }
        });
    }
}
