package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.Column;
import io.walrelay.wire.message.ErrorFields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The bodies of a server's messages, CopyData aside, which {@link BackendDecoder} reads by itself. */
final class BackendBodies {
    private static final int COLUMN_MIN = 19;

    private BackendBodies() {}

    /** @throws PgException FATAL 08P01 if the type is not known or the body is malformed */
    static BackendMessage decode(byte type, ByteBuf buffer) {
        BodyReader body = new BodyReader(type, buffer);
        BackendMessage message = switch (type) {
            case 'R' -> authentication(body);
            case 'v' -> negotiate(body);
            case 'S' -> new BackendMessage.ParameterStatus(body.string(), body.string());
            case 'K' -> new BackendMessage.BackendKeyData(body.int32(), body.rest());
            case 'Z' -> new BackendMessage.ReadyForQuery(body.int8());
            case 'T' -> rowDescription(body);
            case 'D' -> dataRow(body);
            case 'C' -> new BackendMessage.CommandComplete(body.string());
            case '1' -> new BackendMessage.ParseComplete();
            case '2' -> new BackendMessage.BindComplete();
            case '3' -> new BackendMessage.CloseComplete();
            case 'n' -> new BackendMessage.NoData();
            case 's' -> new BackendMessage.PortalSuspended();
            case 't' -> new BackendMessage.ParameterDescription(types(body));
            case 'I' -> new BackendMessage.EmptyQueryResponse();
            case 'E' -> new BackendMessage.ErrorResponse(fields(body));
            case 'N' -> new BackendMessage.NoticeResponse(fields(body));
            case 'W' -> copyResponse(body, new BackendMessage.CopyBothResponse());
            case 'G' -> copyResponse(body, new BackendMessage.CopyInResponse());
            case 'H' -> copyResponse(body, new BackendMessage.CopyOutResponse());
            case 'c' -> new BackendMessage.CopyDone();
            default ->
                throw PgException.protocolViolation(
                        "unexpected response from server; first received character was \"" + name(type) + "\"");
        };
        body.requireEnd();
        return message;
    }

    /** A type byte for people. */
    static String name(byte type) {
        return type > ' ' && type < 127 ? String.valueOf((char) type) : String.format("\\x%02x", type & 0xFF);
    }

    private static BackendMessage authentication(BodyReader body) {
        int kind = body.int32();
        return switch (kind) {
            case 0 -> new BackendMessage.AuthenticationOk();
            case 3 -> new BackendMessage.AuthenticationCleartextPassword();
            case 5 -> new BackendMessage.AuthenticationMd5Password(body.bytes(4));
            case 10 -> new BackendMessage.AuthenticationSasl(mechanisms(body));
            case 11 -> new BackendMessage.AuthenticationSaslContinue(body.rest());
            case 12 -> new BackendMessage.AuthenticationSaslFinal(body.rest());
            default -> {
                body.rest();
                yield new BackendMessage.AuthenticationUnsupported(kind);
            }
        };
    }

    private static List<String> mechanisms(BodyReader body) {
        List<String> mechanisms = new ArrayList<>();
        for (String name = body.string(); !name.isEmpty(); name = body.string()) {
            mechanisms.add(name);
        }
        return mechanisms;
    }

    private static BackendMessage negotiate(BodyReader body) {
        int version = body.int32();
        int count = body.count(body.int32(), 1);
        List<String> options = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            options.add(body.string());
        }
        return new BackendMessage.NegotiateProtocolVersion(version, options);
    }

    private static BackendMessage rowDescription(BodyReader body) {
        int count = body.count(body.int16(), COLUMN_MIN);
        List<Column> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            columns.add(new Column(
                    body.string(), body.int32(), body.int16(), body.int32(), body.int16(), body.int32(), body.int16()));
        }
        return new BackendMessage.RowDescription(columns);
    }

    private static List<Integer> types(BodyReader body) {
        int count = body.count(body.int16(), Integer.BYTES);
        List<Integer> types = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            types.add(body.int32());
        }
        return types;
    }

    private static BackendMessage dataRow(BodyReader body) {
        int count = body.count(body.int16(), Integer.BYTES);
        List<byte @Nullable []> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = body.int32();
            values.add(length == -1 ? null : body.bytes(length));
        }
        return new BackendMessage.DataRow(Collections.unmodifiableList(values));
    }

    private static ErrorFields fields(BodyReader body) {
        SequencedMap<Character, String> fields = new LinkedHashMap<>();
        for (byte type = body.int8(); type != 0; type = body.int8()) {
            fields.put((char) (type & 0xFF), body.string());
        }
        return new ErrorFields(fields);
    }

    /** Formats of columns are of no interest: replication has none. */
    private static BackendMessage copyResponse(BodyReader body, BackendMessage message) {
        body.int8();
        body.bytes(body.count(body.int16(), Short.BYTES) * Short.BYTES);
        return message;
    }
}
