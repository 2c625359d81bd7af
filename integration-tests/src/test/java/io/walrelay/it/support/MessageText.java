package io.walrelay.it.support;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** One message of a server as a line of text: every field that a client can see, but for places in the source code. */
final class MessageText {
    private MessageText() {}

    static String of(char type, ByteBuffer body) {
        String text = switch (type) {
            case 'R' -> "Authentication " + body.getInt() + rest(body);
            case 'S' -> string(body) + "=" + string(body);
            case 'K' -> "BackendKeyData <pid>, key of " + (body.remaining() - 4) + " bytes";
            case 'Z' -> "ReadyForQuery " + (char) body.get();
            case 'T' -> "RowDescription " + columns(body);
            case 'D' -> "DataRow " + values(body);
            case 'C' -> "CommandComplete " + string(body);
            case 'I' -> "EmptyQueryResponse";
            case 'E' -> "ErrorResponse " + fields(body);
            case 'N' -> "NoticeResponse " + fields(body);
            case 'W' -> "CopyBothResponse" + rest(body);
            case 'G' -> "CopyInResponse" + rest(body);
            case 'H' -> "CopyOutResponse" + rest(body);
            case 'c' -> "CopyDone";
            case 'v' -> "NegotiateProtocolVersion " + negotiate(body);
            case 'V' -> "FunctionCallResponse" + rest(body);
            default -> "message '" + type + "'" + rest(body);
        };
        boolean read = type == 'K' || !body.hasRemaining() || text.endsWith(rest(body));
        return read ? text : text + " and then" + rest(body);
    }

    private static String columns(ByteBuffer body) {
        List<String> columns = new ArrayList<>();
        int count = body.getShort();
        for (int i = 0; i < count; i++) {
            columns.add(string(body) + "(table " + body.getInt() + " attribute " + body.getShort() + " type "
                    + body.getInt() + " length " + body.getShort() + " modifier " + body.getInt() + " format "
                    + body.getShort() + ")");
        }
        return String.join(" ", columns);
    }

    private static String values(ByteBuffer body) {
        List<String> values = new ArrayList<>();
        int count = body.getShort();
        for (int i = 0; i < count; i++) {
            int length = body.getInt();
            if (length < 0) {
                values.add("NULL");
            } else {
                byte[] bytes = new byte[length];
                body.get(bytes);
                values.add("'" + escape(new String(bytes, StandardCharsets.ISO_8859_1)) + "'");
            }
        }
        return String.join(", ", values);
    }

    /** F, L and R name a place in the server's source code. */
    private static String fields(ByteBuffer body) {
        StringBuilder text = new StringBuilder();
        for (byte field = body.get(); field != 0; field = body.get()) {
            String value = string(body);
            if ("FLR".indexOf(field) < 0) {
                text.append((char) field).append('=').append(escape(value)).append(' ');
            }
        }
        return text.toString().strip();
    }

    private static String negotiate(ByteBuffer body) {
        int version = body.getInt();
        int count = body.getInt();
        List<String> options = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            options.add(string(body));
        }
        return (version >> 16) + "." + (version & 0xFFFF) + " " + options;
    }

    private static String string(ByteBuffer body) {
        StringBuilder text = new StringBuilder();
        for (byte next = body.get(); next != 0; next = body.get()) {
            text.append((char) (next & 0xFF));
        }
        return escape(text.toString());
    }

    private static String rest(ByteBuffer body) {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        return bytes.length == 0 ? "" : " " + HexFormat.of().formatHex(bytes);
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c > 0x7E) {
                escaped.append("\\x").append(HexFormat.of().toHexDigits((byte) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
