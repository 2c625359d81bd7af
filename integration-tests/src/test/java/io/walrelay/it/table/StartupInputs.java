package io.walrelay.it.table;

import static io.walrelay.it.table.Input.fresh;

import io.walrelay.it.support.RawReplicationClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** Everything up to the first ReadyForQuery. */
final class StartupInputs {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSSENC_REQUEST = 80877104;
    private static final int CANCEL_REQUEST = 80877102;
    private static final byte[] NOTHING = {};

    private StartupInputs() {}

    static Stream<Input> all() {
        return Stream.of(encryption(), packets(), versions(), replicationValues(), parameters(), cancellation())
                .flatMap(inputs -> inputs);
    }

    private static Stream<Input> encryption() {
        return Stream.of(
                fresh(
                        "SSLRequest, then a login",
                        (client, at) ->
                                logIn(client.startupPacket(SSL_REQUEST, NOTHING).untilByte())),
                fresh(
                        "GSSENCRequest",
                        (client, at) ->
                                client.startupPacket(GSSENC_REQUEST, NOTHING).untilByte()),
                fresh(
                        "SSLRequest, GSSENCRequest",
                        (client, at) -> client.startupPacket(SSL_REQUEST, NOTHING)
                                .untilByte()
                                .startupPacket(GSSENC_REQUEST, NOTHING)
                                .untilByte()),
                fresh(
                        "SSLRequest twice",
                        (client, at) -> client.startupPacket(SSL_REQUEST, NOTHING)
                                .untilByte()
                                .startupPacket(SSL_REQUEST, NOTHING)
                                .untilClosed()),
                fresh(
                        "GSSENCRequest twice",
                        (client, at) -> client.startupPacket(GSSENC_REQUEST, NOTHING)
                                .untilByte()
                                .startupPacket(GSSENC_REQUEST, NOTHING)
                                .untilClosed()),
                fresh(
                        "SSLRequest with a byte too many",
                        (client, at) -> client.startupPacket(SSL_REQUEST, new byte[] {0})
                                .untilByte()
                                .shutdownOutput()
                                .untilClosed()),
                fresh(
                        "a TLS ClientHello at once",
                        (client, at) -> client.send(new byte[] {
                                    0x16, 0x03, 0x01, 0x00, (byte) 0xF4, 0x01, 0x00, 0x00, (byte) 0xF0, 0x03, 0x03
                                })
                                .untilClosed()));
    }

    private static Stream<Input> packets() {
        return Stream.of(
                length(0),
                length(4),
                length(7),
                length(8),
                length(10005),
                length(0x7FFFFFFF),
                length(-1),
                fresh(
                        "a startup packet of 10004 bytes",
                        (client, at) ->
                                client.startupPacket(3 << 16, new byte[9996]).untilClosed()),
                fresh(
                        "a login of nearly 10004 bytes",
                        (client, at) -> client.startup(
                                        "user", "postgres", "replication", "true", "application_name", "x".repeat(9900))
                                .untilReady()),
                fresh(
                        "half a length",
                        (client, at) ->
                                client.send(new byte[] {0, 0}).shutdownOutput().untilClosed()),
                fresh(
                        "half a startup packet",
                        (client, at) -> client.send(new byte[] {0, 0, 0, 50, 0, 3, 0, 0, 'u'})
                                .shutdownOutput()
                                .untilClosed()),
                fresh("nothing", (client, at) -> client.shutdownOutput().untilClosed()),
                fresh(
                        "a startup packet without the last NUL",
                        (client, at) -> client.startupPacket(3 << 16, bytes("user\0postgres\0replication\0true\0"))
                                .untilClosed()),
                fresh(
                        "a startup packet with a byte too many",
                        (client, at) -> client.startupPacket(3 << 16, bytes("user\0postgres\0replication\0true\0\0x"))
                                .untilClosed()),
                fresh(
                        "a startup packet whose last value is not terminated",
                        (client, at) -> client.startupPacket(3 << 16, bytes("user\0postgres\0replication\0true"))
                                .untilClosed()),
                fresh(
                        "a startup packet with a name and no value",
                        (client, at) -> client.startupPacket(3 << 16, bytes("user\0postgres\0replication\0"))
                                .untilClosed()),
                fresh(
                        "garbage",
                        (client, at) -> client.send(bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                                .untilClosed()),
                fresh(
                        "a query instead of a startup packet",
                        (client, at) ->
                                client.query("IDENTIFY_SYSTEM").shutdownOutput().untilClosed()));
    }

    private static Input length(int length) {
        return fresh(
                "a startup packet that says it has " + length + " bytes",
                (client, at) -> client.send(ByteBuffer.allocate(8)
                                .putInt(length)
                                .putInt(3 << 16)
                                .array())
                        .shutdownOutput()
                        .untilClosed());
    }

    private static Stream<Input> versions() {
        return Stream.of(
                version(0, 0),
                version(1, 0),
                version(2, 0),
                version(3, 1),
                version(3, 2),
                version(3, 3),
                version(3, 9999),
                version(4, 0),
                version(1234, 1),
                version(65535, 65535));
    }

    private static Input version(int major, int minor) {
        return fresh(
                "protocol " + major + "." + minor,
                (client, at) -> client.startup(major, minor, "user", "postgres", "replication", "true")
                        .untilReady());
    }

    private static Stream<Input> replicationValues() {
        return Stream.of(
                        "true",
                        "TRUE",
                        "tru",
                        "t",
                        "on",
                        "ON",
                        "yes",
                        "y",
                        "1",
                        "false",
                        "off",
                        "of",
                        "o",
                        "no",
                        "0",
                        "2",
                        "",
                        "truex",
                        "DATABASE",
                        "databas",
                        " true",
                        "true ")
                .map(value -> fresh(
                        "replication=" + (value.isBlank() ? "(empty)" : value.replace(' ', '_')),
                        (client, at) -> client.startup("user", "postgres", "database", "postgres", "replication", value)
                                .untilReady()));
    }

    private static Stream<Input> parameters() {
        return Stream.of(
                login("no user", "replication", "true"),
                login("an empty user", "user", "", "replication", "true"),
                login("a user that is not there", "user", "nobody_here", "replication", "true"),
                login("a user of 70 bytes", "user", "u".repeat(70), "replication", "true"),
                login("a database that is not there", "user", "postgres", "database", "nowhere", "replication", "true"),
                login("no database", "user", "postgres", "replication", "true"),
                login("an unknown parameter", "user", "postgres", "replication", "true", "no_such_thing", "1"),
                login("a parameter of the postmaster", "user", "postgres", "replication", "true", "port", "1"),
                login(
                        "a parameter of the configuration file",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "fsync",
                        "off"),
                login("a bad value", "user", "postgres", "replication", "true", "work_mem", "lots"),
                login(
                        "what pgjdbc sends",
                        "user",
                        "postgres",
                        "database",
                        "postgres",
                        "client_encoding",
                        "UTF8",
                        "DateStyle",
                        "ISO",
                        "TimeZone",
                        "Europe/Paris",
                        "replication",
                        "true"),
                login("what barman sends", "user", "postgres", "replication", "true", "options", "-cdatestyle=iso"),
                login(
                        "what Patroni sends",
                        "user",
                        "postgres",
                        "replication",
                        "1",
                        "options",
                        "-c statement_timeout=2000"),
                login(
                        "options with two dashes",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "options",
                        "--statement_timeout=2000"),
                login(
                        "options with an unknown parameter",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "options",
                        "-c no_such_thing=1"),
                login("options of another kind", "user", "postgres", "replication", "true", "options", "-Z"),
                login(
                        "options with wal_sender_timeout",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "options",
                        "-c wal_sender_timeout=30s"),
                login(
                        "datestyle and timezone",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "datestyle",
                        "ISO, DMY",
                        "timezone",
                        "UTC"),
                login("client_encoding LATIN1", "user", "postgres", "replication", "true", "client_encoding", "LATIN1"),
                login(
                        "client_encoding that is not there",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "client_encoding",
                        "KLINGON"),
                login(
                        "an application name of 70 bytes",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "application_name",
                        "a".repeat(70)),
                login(
                        "an application name beyond ASCII",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "application_name",
                        "caf\u00e9\t1"),
                login(
                        "the same parameter twice",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "application_name",
                        "a",
                        "application_name",
                        "b"),
                login("an option of the protocol and no user", "replication", "true", "_pq_.foo", "1"),
                login(
                        "an option of the protocol and a bad kind of replication",
                        "user",
                        "postgres",
                        "_pq_.foo",
                        "1",
                        "replication",
                        "o"),
                login(
                        "an option of relays with a value that none knows",
                        "user",
                        "postgres",
                        "replication",
                        "true",
                        "_pq_.walrelay_compression",
                        "none"),
                login("one option of protocol 3.2", "user", "postgres", "replication", "true", "_pq_.foo", "1"),
                login(
                        "two options of protocol 3.2",
                        "user",
                        "postgres",
                        "_pq_.b",
                        "1",
                        "_pq_.a",
                        "2",
                        "replication",
                        "true"));
    }

    private static Input login(String name, String... parameters) {
        return fresh(
                "login: " + name, (client, at) -> client.startup(parameters).untilReady());
    }

    private static Stream<Input> cancellation() {
        return Stream.of(
                fresh(
                        "CancelRequest for nobody",
                        (client, at) -> client.startupPacket(CANCEL_REQUEST, new byte[8])
                                .untilClosed()),
                fresh(
                        "CancelRequest with a short key",
                        (client, at) -> client.startupPacket(CANCEL_REQUEST, new byte[6])
                                .untilClosed()),
                fresh(
                        "CancelRequest without a key",
                        (client, at) -> client.startupPacket(CANCEL_REQUEST, new byte[4])
                                .untilClosed()),
                fresh(
                        "CancelRequest with a key of 300 bytes",
                        (client, at) -> client.startupPacket(CANCEL_REQUEST, new byte[304])
                                .untilClosed()));
    }

    private static void logIn(RawReplicationClient client) throws IOException {
        client.startup("user", "postgres", "replication", "true").untilReady();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
