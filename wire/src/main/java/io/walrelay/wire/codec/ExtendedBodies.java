package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.FrontendMessage.Extended;
import io.walrelay.wire.message.WireText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of the extended query protocol, both ways. They are read as {@code pqformat.c} and {@code
 * exec_bind_message} read them: a count is not believed before the bytes that it promises are there.
 */
final class ExtendedBodies {
    private ExtendedBodies() {}

    static boolean isExtended(byte type) {
        return switch (type) {
            case 'P', 'B', 'D', 'E', 'C' -> true;
            default -> false;
        };
    }

    /** The message, or {@link Extended.Malformed} with the words of PostgreSQL. */
    static Extended read(byte type, ByteBuf body) {
        try {
            Extended message = switch (type) {
                case 'P' -> new Extended.Parse(string(body), string(body), integers(body));
                case 'B' -> new Extended.Bind(string(body), string(body), formats(body), values(body), formats(body));
                case 'D' -> new Extended.Describe(kind(body), string(body));
                case 'E' -> new Extended.Execute(string(body), integer(body));
                case 'C' -> new Extended.Close(kind(body), string(body));
                default -> throw new IllegalArgumentException("not of the extended protocol: " + type);
            };
            if (body.isReadable()) {
                throw malformed("invalid message format");
            }
            return message;
        } catch (PgException problem) {
            return new Extended.Malformed(type, problem);
        }
    }

    private static PgException malformed(String words) {
        return PgException.error(SqlState.PROTOCOL_VIOLATION, words);
    }

    private static void require(ByteBuf body, long length) {
        if (length < 0 || length > body.readableBytes()) {
            throw malformed("insufficient data left in message");
        }
    }

    private static byte kind(ByteBuf body) {
        if (!body.isReadable()) {
            throw malformed("no data left in message");
        }
        return body.readByte();
    }

    private static int integer(ByteBuf body) {
        require(body, Integer.BYTES);
        return body.readInt();
    }

    private static int count(ByteBuf body, int elementMin) {
        require(body, Short.BYTES);
        int count = body.readUnsignedShort();
        require(body, (long) count * elementMin);
        return count;
    }

    private static String string(ByteBuf body) {
        int length = body.bytesBefore((byte) 0);
        if (length < 0) {
            throw malformed("invalid string in message");
        }
        byte[] text = new byte[length];
        body.readBytes(text).skipBytes(1);
        return WireText.decode(text);
    }

    private static List<Integer> integers(ByteBuf body) {
        int count = count(body, Integer.BYTES);
        List<Integer> integers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            integers.add(body.readInt());
        }
        return integers;
    }

    private static List<Short> formats(ByteBuf body) {
        int count = count(body, Short.BYTES);
        List<Short> formats = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            formats.add(body.readShort());
        }
        return formats;
    }

    private static List<byte @Nullable []> values(ByteBuf body) {
        int count = count(body, Integer.BYTES);
        List<byte @Nullable []> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = integer(body);
            if (length == -1) {
                values.add(null);
                continue;
            }
            require(body, length);
            byte[] value = new byte[length];
            body.readBytes(value);
            values.add(value);
        }
        return Collections.unmodifiableList(values);
    }

    /** Writes the body of a message that has one. */
    static void write(Extended message, ByteBuf out) {
        switch (message) {
            case Extended.Parse parse -> {
                Frame.writeString(out, parse.name());
                Frame.writeString(out, parse.query());
                out.writeShort(parse.parameterTypes().size());
                parse.parameterTypes().forEach(out::writeInt);
            }
            case Extended.Bind bind -> {
                Frame.writeString(out, bind.portal());
                Frame.writeString(out, bind.statement());
                writeFormats(out, bind.parameterFormats());
                out.writeShort(bind.parameters().size());
                for (byte[] value : bind.parameters()) {
                    out.writeInt(value == null ? -1 : value.length);
                    if (value != null) {
                        out.writeBytes(value);
                    }
                }
                writeFormats(out, bind.resultFormats());
            }
            case Extended.Describe describe -> {
                out.writeByte(describe.kind());
                Frame.writeString(out, describe.name());
            }
            case Extended.Execute execute -> {
                Frame.writeString(out, execute.portal());
                out.writeInt(execute.maxRows());
            }
            case Extended.Close close -> {
                out.writeByte(close.kind());
                Frame.writeString(out, close.name());
            }
            case Extended.Unread unread -> {}
            case Extended.Malformed malformed -> {}
        }
    }

    private static void writeFormats(ByteBuf out, List<Short> formats) {
        out.writeShort(formats.size());
        formats.forEach(format -> out.writeShort(format));
    }
}
