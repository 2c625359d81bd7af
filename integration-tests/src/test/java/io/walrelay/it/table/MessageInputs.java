package io.walrelay.it.table;

import static io.walrelay.it.table.Input.loggedIn;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** Messages other than queries, on a connection that is idle. */
final class MessageInputs {
    private static final byte[] NOTHING = {};
    private static final byte[] PARSE = bytes("\0SELECT 1\0\0\0");

    private MessageInputs() {}

    static Stream<Input> all() {
        return Stream.of(extended(), strays(), broken()).flatMap(inputs -> inputs);
    }

    private static Stream<Input> extended() {
        return Stream.of(
                loggedIn(
                        "Sync", (client, at) -> client.message('S').untilReady().ask("IDENTIFY_SYSTEM")),
                loggedIn("Flush", (client, at) -> client.message('H').ask("IDENTIFY_SYSTEM")),
                loggedIn(
                        "Parse, Bind, Describe, Execute, Sync",
                        (client, at) -> client.message('P', PARSE)
                                .message('B', new byte[8])
                                .message('D', bytes("P\0"))
                                .message('E', new byte[5])
                                .message('S')
                                .untilReady()
                                .ask("IDENTIFY_SYSTEM")),
                loggedIn(
                        "Parse, a query that is skipped, Sync",
                        (client, at) -> client.message('P', PARSE)
                                .query("IDENTIFY_SYSTEM")
                                .message('S')
                                .untilReady()
                                .ask("SHOW server_version")),
                loggedIn(
                        "Bind, Sync",
                        (client, at) ->
                                client.message('B', new byte[8]).message('S').untilReady()),
                loggedIn(
                        "Execute, Sync",
                        (client, at) ->
                                client.message('E', new byte[5]).message('S').untilReady()),
                loggedIn(
                        "Describe, Sync",
                        (client, at) ->
                                client.message('D', bytes("S\0")).message('S').untilReady()),
                loggedIn(
                        "Close, Sync",
                        (client, at) ->
                                client.message('C', bytes("S\0")).message('S').untilReady()),
                loggedIn(
                        "Parse without content, Sync",
                        (client, at) -> client.message('P').message('S').untilReady()),
                loggedIn(
                        "Parse, Terminate",
                        (client, at) -> client.message('P', PARSE).message('X').untilClosed()),
                loggedIn(
                        "a function call",
                        (client, at) ->
                                client.message('F', new byte[10]).untilReady().ask("IDENTIFY_SYSTEM")),
                loggedIn(
                        "a function call without content",
                        (client, at) -> client.message('F').untilReady().ask("IDENTIFY_SYSTEM")));
    }

    private static Stream<Input> strays() {
        return Stream.of(
                loggedIn(
                        "stray CopyData",
                        (client, at) -> client.message('d', bytes("xyz")).ask("IDENTIFY_SYSTEM")),
                loggedIn("stray CopyDone", (client, at) -> client.message('c').ask("IDENTIFY_SYSTEM")),
                loggedIn(
                        "stray CopyFail",
                        (client, at) -> client.message('f', bytes("no\0")).ask("IDENTIFY_SYSTEM")),
                loggedIn(
                        "a stray password",
                        (client, at) -> client.message('p', bytes("secret\0")).untilReady()),
                loggedIn("Terminate", (client, at) -> client.message('X').untilClosed()),
                loggedIn(
                        "the end of the connection",
                        (client, at) -> client.shutdownOutput().untilClosed()),
                loggedIn(
                        "two queries at once",
                        (client, at) -> client.query("IDENTIFY_SYSTEM")
                                .query("SHOW server_version")
                                .untilReady()
                                .untilReady()));
    }

    private static Stream<Input> broken() {
        return Stream.of(
                loggedIn(
                        "a message of type ?",
                        (client, at) -> client.message('?', bytes("abc")).untilClosed()),
                loggedIn(
                        "a message of type NUL",
                        (client, at) -> client.message('\0', NOTHING).untilClosed()),
                loggedIn(
                        "a message of type 0xFF",
                        (client, at) -> client.message('\u00FF', NOTHING).untilClosed()),
                loggedIn(
                        "a startup packet after login",
                        (client, at) -> client.startup("user", "postgres")
                                .shutdownOutput()
                                .untilClosed()),
                loggedIn(
                        "a query without NUL",
                        (client, at) -> client.message('Q', bytes("IDENTIFY_SYSTEM"))
                                .untilReady()
                                .ask("SHOW server_version")),
                loggedIn(
                        "a query with bytes after its NUL",
                        (client, at) -> client.message('Q', bytes("IDENTIFY_SYSTEM\0\0x"))
                                .untilReady()
                                .ask("SHOW server_version")),
                loggedIn(
                        "a query without content",
                        (client, at) -> client.message('Q').untilReady().ask("SHOW server_version")),
                length('Q', 0),
                length('Q', 3),
                length('Q', -1),
                length('X', 3),
                length('S', 20_000),
                length('H', 20_000),
                length('c', 20_000),
                length('X', 20_000),
                loggedIn(
                        "a Sync with content",
                        (client, at) -> client.message('S', bytes("abc")).untilReady()),
                loggedIn(
                        "a Flush with content",
                        (client, at) -> client.message('H', bytes("abc"))
                                .message('S')
                                .untilReady()
                                .ask("SHOW server_version")),
                loggedIn(
                        "half a message",
                        (client, at) -> client.send(new byte[] {'Q', 0, 0, 1, 0, 'I'})
                                .shutdownOutput()
                                .untilClosed()),
                loggedIn(
                        "half a length after login",
                        (client, at) -> client.send(new byte[] {'Q', 0, 0})
                                .shutdownOutput()
                                .untilClosed()));
    }

    private static Input length(char type, int length) {
        return loggedIn(
                "a message of type " + type + " that says it has " + length + " bytes",
                (client, at) -> client.send(ByteBuffer.allocate(5)
                                .put((byte) type)
                                .putInt(length)
                                .array())
                        .shutdownOutput()
                        .untilClosed());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
