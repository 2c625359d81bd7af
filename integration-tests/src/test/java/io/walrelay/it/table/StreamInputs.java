package io.walrelay.it.table;

import static io.walrelay.it.table.Input.loggedIn;

import io.walrelay.it.support.Landmarks;
import io.walrelay.replication.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.stream.Stream;

/** START_REPLICATION, what a client may do while it streams, and what ends a stream. */
final class StreamInputs {
    private StreamInputs() {}

    static Stream<Input> all() {
        return Stream.of(grammar(), timelines(), slots(), streaming(), endings())
                .flatMap(inputs -> inputs);
    }

    private static Stream<Input> grammar() {
        return Stream.of(
                        "START_REPLICATION",
                        "START_REPLICATION PHYSICAL",
                        "START_REPLICATION nonsense",
                        "START_REPLICATION 0",
                        "START_REPLICATION 0/",
                        "START_REPLICATION /0",
                        "START_REPLICATION 0/G",
                        "START_REPLICATION 0//0",
                        "START_REPLICATION '0/0'",
                        "START_REPLICATION -1/0",
                        "START_REPLICATION 0/0/0",
                        "START_REPLICATION 0 / 0",
                        "START_REPLICATION 123456789/0",
                        "START_REPLICATION 0/123456789",
                        "START_REPLICATION 0/1000000 TIMELINE",
                        "START_REPLICATION 0/1000000 TIMELINE 0",
                        "START_REPLICATION 0/1000000 TIMELINE x",
                        "START_REPLICATION 0/1000000 TIMELINE -1",
                        "START_REPLICATION 0/1000000 TIMELINE '1'",
                        "START_REPLICATION 0/1000000 timeline 1",
                        "START_REPLICATION 0/1000000 TIMELINE 2 TIMELINE 2",
                        "START_REPLICATION TIMELINE 2 0/1000000",
                        "START_REPLICATION 0/1000000 PHYSICAL",
                        "START_REPLICATION 0/1000000 SLOT s",
                        "START_REPLICATION SLOT 0/1000000",
                        "START_REPLICATION SLOT PHYSICAL 0/1000000",
                        "START_REPLICATION SLOT 's' 0/1000000",
                        "START_REPLICATION SLOT nothing 0/1000000",
                        "START_REPLICATION SLOT \"Not There\" PHYSICAL 0/1000000 TIMELINE 2",
                        "START_REPLICATION SLOT nothing FFFFFFFF/FFFFFFFF",
                        "START_REPLICATION PHYSICAL 0/1000000 ()",
                        "start_replication 0/1000000")
                .flatMap(query -> Stream.of(
                        loggedIn(
                                query,
                                (client, at) -> client.ask("IDENTIFY_SYSTEM").ask(query)),
                        loggedIn(query + ", without IDENTIFY_SYSTEM", (client, at) -> client.ask(query))));
    }

    private static Stream<Input> timelines() {
        return Stream.of(
                start("the current segment", at -> at.segmentStart() + " TIMELINE 2"),
                start(
                        "the current segment, no timeline",
                        at -> at.segmentStart().toString()),
                start("the current segment, PHYSICAL and ;", at -> "PHYSICAL " + at.segmentStart() + " TIMELINE 2;"),
                loggedIn(
                        "START_REPLICATION at the current position",
                        (client, at) -> client.ask("IDENTIFY_SYSTEM")
                                .query("START_REPLICATION " + at.position() + " TIMELINE 2")
                                .untilCopyBoth()
                                .message('c')
                                .untilReady()),
                start("a byte before the current position", at -> at.position().plus(-1) + " TIMELINE 2"),
                ahead("a byte beyond the current position", at -> at.position().plus(1) + " TIMELINE 2"),
                start(
                        "a segment beyond the current position",
                        at -> at.position().plus(16 << 20) + " TIMELINE 2"),
                ahead("the end of all positions", at -> "FFFFFFFF/FFFFFFFF TIMELINE 2"),
                start("a position that looks negative", at -> "80000000/0 TIMELINE 2"),
                start("position 0/0", at -> "0/0 TIMELINE 2"),
                start("position 0/0, no timeline", at -> "0/0"),
                start("removed WAL", at -> "0/1000000 TIMELINE 2"),
                start("removed WAL of timeline 1", at -> "0/1000000 TIMELINE 1"),
                start("removed WAL, in the middle of a page", at -> "0/1000BAD"),
                start("timeline 3", at -> at.segmentStart() + " TIMELINE 3"),
                start("timeline 4294967295", at -> at.segmentStart() + " TIMELINE 4294967295"),
                start("timeline 4294967298", at -> at.segmentStart() + " TIMELINE 4294967298"),
                start("timeline 1 from the switch point", at -> at.switchPoint() + " TIMELINE 1"),
                start(
                        "timeline 1 from beyond the switch point",
                        at -> at.switchPoint().plus(8) + " TIMELINE 1"),
                start("timeline 1 from the current position", at -> at.position() + " TIMELINE 1"),
                start("timeline 2 from the switch point", at -> at.switchPoint() + " TIMELINE 2"),
                start("timeline 2 from before its beginning", at -> at.switchSegment() + " TIMELINE 2"),
                historic("timeline 1 from a segment before", at -> at.historic() + " TIMELINE 1"),
                historic("timeline 1 from an odd byte", at -> at.historic().plus(0x1BAD) + " TIMELINE 1"),
                historic("timeline 1 from its last segment", at -> at.switchSegment() + " TIMELINE 1"),
                historic("timeline 1 from its last byte", at -> at.switchPoint().plus(-1) + " TIMELINE 1"),
                start("an odd byte", at -> at.segmentStart().plus(-0xBAD) + " TIMELINE 2"));
    }

    private static Input start(String name, Function<Landmarks, String> where) {
        return loggedIn(
                "START_REPLICATION at " + name,
                (client, at) -> client.ask("IDENTIFY_SYSTEM").stream(
                                "START_REPLICATION " + where.apply(at), at.position())
                        .ask("IDENTIFY_SYSTEM"));
    }

    private static Input ahead(String name, Function<Landmarks, String> where) {
        return loggedIn(
                "START_REPLICATION at " + name,
                (client, at) -> client.ask("IDENTIFY_SYSTEM").impatient().stream(
                        "START_REPLICATION " + where.apply(at), at.position()));
    }

    private static Input historic(String name, Function<Landmarks, String> where) {
        return loggedIn(
                "START_REPLICATION at " + name,
                (client, at) ->
                        client.ask("IDENTIFY_SYSTEM").stream("START_REPLICATION " + where.apply(at), new Lsn(-1))
                                .ask("TIMELINE_HISTORY 2")
                                .stream("START_REPLICATION " + at.switchSegment() + " TIMELINE 2", at.position()));
    }

    private static Stream<Input> slots() {
        return Stream.of(
                loggedIn(
                        "a slot streams",
                        (client, at) ->
                                client.ask("IDENTIFY_SYSTEM").ask("CREATE_REPLICATION_SLOT streams PHYSICAL").stream(
                                                "START_REPLICATION SLOT \"streams\" " + at.segmentStart()
                                                        + " TIMELINE 2",
                                                at.position())
                                        .ask("READ_REPLICATION_SLOT streams")
                                        .ask("DROP_REPLICATION_SLOT streams")),
                loggedIn("a slot advances", (client, at) -> {
                    client.ask("IDENTIFY_SYSTEM")
                            .ask("CREATE_REPLICATION_SLOT advances PHYSICAL")
                            .query("START_REPLICATION SLOT advances " + at.segmentStart() + " TIMELINE 2")
                            .untilCopyBoth()
                            .untilWal(at.position())
                            .message('d', status(at.position(), at.position(), Lsn.INVALID, 1))
                            .untilKeepalive()
                            .message('c')
                            .untilReady()
                            .ask("READ_REPLICATION_SLOT advances")
                            .ask("DROP_REPLICATION_SLOT advances");
                }),
                loggedIn("a slot goes back, too", (client, at) -> {
                    client.ask("IDENTIFY_SYSTEM")
                            .ask("CREATE_REPLICATION_SLOT back PHYSICAL RESERVE_WAL")
                            .query("START_REPLICATION SLOT back " + at.segmentStart() + " TIMELINE 2")
                            .untilCopyBoth()
                            .untilWal(at.position())
                            .message('d', status(at.position(), at.position(), at.position(), 0))
                            .message('d', status(at.segmentStart(), at.segmentStart(), Lsn.INVALID, 1))
                            .untilKeepalive()
                            .message('c')
                            .untilReady()
                            .ask("READ_REPLICATION_SLOT back")
                            .ask("DROP_REPLICATION_SLOT back");
                }),
                loggedIn(
                        "a temporary slot streams",
                        (client, at) -> client
                                .ask("IDENTIFY_SYSTEM")
                                .ask("CREATE_REPLICATION_SLOT fleeting TEMPORARY PHYSICAL RESERVE_WAL")
                                .stream(
                                        "START_REPLICATION SLOT fleeting " + at.segmentStart() + " TIMELINE 2",
                                        at.position())
                                .ask("DROP_REPLICATION_SLOT fleeting")),
                loggedIn(
                        "a temporary slot is lost with a start too far ahead",
                        (client, at) ->
                                client
                                        .ask("IDENTIFY_SYSTEM")
                                        .ask("CREATE_REPLICATION_SLOT fleeting TEMPORARY PHYSICAL")
                                        .stream("START_REPLICATION SLOT fleeting FF/0 TIMELINE 2", at.position())
                                        .ask("DROP_REPLICATION_SLOT fleeting")));
    }

    /** Good messages of a client that streams. */
    private static Stream<Input> streaming() {
        return Stream.of(
                streams("asks for a keepalive", at -> status(at.position(), Lsn.INVALID, Lsn.INVALID, 1)),
                streams("asks with any number but 0", at -> status(at.position(), Lsn.INVALID, Lsn.INVALID, 7)),
                streams("reports an absurd position", at -> status(new Lsn(-1), new Lsn(-1), new Lsn(-1), 1)),
                streams(
                        "sends a status update that is too long",
                        at -> concat(status(at.position(), Lsn.INVALID, Lsn.INVALID, 1), new byte[] {1, 2, 3})));
    }

    private static Input streams(String name, Function<Landmarks, byte[]> message) {
        return loggedIn(
                "a client that streams " + name,
                (client, at) -> client.ask("IDENTIFY_SYSTEM")
                        .query("START_REPLICATION " + at.segmentStart() + " TIMELINE 2")
                        .untilCopyBoth()
                        .untilWal(at.position())
                        .message('d', message.apply(at))
                        .untilKeepalive()
                        .message('c')
                        .untilReady()
                        .ask("IDENTIFY_SYSTEM"));
    }

    /** Bad messages of a client that streams, and its ways to leave. */
    private static Stream<Input> endings() {
        byte[] short33 = new byte[33];
        short33[0] = 'r';
        byte[] shortFeedback = new byte[20];
        shortFeedback[0] = 'h';
        return Stream.of(
                ends("CopyData without content", 'd', new byte[0]),
                ends("CopyData of an unknown kind", 'd', new byte[] {'?', 1, 2, 3}),
                ends("XLogData", 'd', new byte[] {'w', 0, 0, 0, 0, 0, 0, 0, 0}),
                ends("a short status update", 'd', short33),
                ends("a status update without content", 'd', new byte[] {'r'}),
                ends("a short feedback", 'd', shortFeedback),
                ends("CopyFail", 'f', new byte[] {'n', 'o', 0}),
                ends("Query", 'Q', "IDENTIFY_SYSTEM\0".getBytes(StandardCharsets.US_ASCII)),
                ends("Sync", 'S', new byte[0]),
                ends("Flush", 'H', new byte[0]),
                ends("Parse", 'P', new byte[] {0, 0, 0, 0}),
                ends("an unknown type", '?', new byte[] {1}),
                ends("a password", 'p', new byte[] {'x', 0}),
                ends("Terminate", 'X', new byte[0]),
                ends("Terminate with content", 'X', new byte[] {1}),
                loggedIn(
                        "a client that streams closes its side",
                        (client, at) -> client.ask("IDENTIFY_SYSTEM")
                                .query("START_REPLICATION " + at.segmentStart() + " TIMELINE 2")
                                .untilCopyBoth()
                                .untilWal(at.position())
                                .shutdownOutput()
                                .untilClosed()),
                loggedIn(
                        "a client that streams sends CopyDone with content",
                        (client, at) -> client.ask("IDENTIFY_SYSTEM")
                                .query("START_REPLICATION " + at.segmentStart() + " TIMELINE 2")
                                .untilCopyBoth()
                                .untilWal(at.position())
                                .message('c', new byte[] {1})
                                .untilReady()
                                .ask("IDENTIFY_SYSTEM")));
    }

    private static Input ends(String name, char type, byte[] body) {
        return loggedIn(
                "a client that streams sends " + name,
                (client, at) -> client.ask("IDENTIFY_SYSTEM")
                        .query("START_REPLICATION " + at.segmentStart() + " TIMELINE 2")
                        .untilCopyBoth()
                        .untilWal(at.position())
                        .message(type, body)
                        .untilReady());
    }

    private static byte[] status(Lsn write, Lsn flush, Lsn apply, int replyRequested) {
        return ByteBuffer.allocate(34)
                .put((byte) 'r')
                .putLong(write.value())
                .putLong(flush.value())
                .putLong(apply.value())
                .putLong(0)
                .put((byte) replyRequested)
                .array();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }
}
