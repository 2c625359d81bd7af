package io.walrelay.proxy.session;

import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.WireText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Values that clients give at start-up, as the server shows them afterwards. */
final class SettingValue {
    /** PostgreSQL's {@code NAMEDATALEN - 1}. */
    static final int NAME_BYTES = 63;

    private SettingValue() {}

    static String canonical(MirroredServer server, String name, String value) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "application_name" -> printable(cut(value), server.major());
            case "client_encoding" -> encoding(value);
            case "datestyle" -> dateStyle(value, server.reported("DateStyle").orElse("ISO, MDY"));
            default -> value;
        };
    }

    private static byte[] cut(String value) {
        byte[] bytes = WireText.encode(value);
        return bytes.length > NAME_BYTES ? Arrays.copyOf(bytes, NAME_BYTES) : bytes;
    }

    /** {@code pg_clean_ascii}: other bytes than printable ASCII become question marks, or are escaped from 16 on. */
    private static String printable(byte[] bytes, int major) {
        StringBuilder clean = new StringBuilder();
        for (byte b : bytes) {
            if (b >= 0x20 && b <= 0x7E) {
                clean.append((char) b);
            } else {
                clean.append(major < 16 ? "?" : String.format(Locale.ROOT, "\\x%02x", b & 0xFF));
            }
        }
        String text = clean.toString();
        return text.length() > NAME_BYTES
                ? new String(text.getBytes(StandardCharsets.US_ASCII), 0, NAME_BYTES, StandardCharsets.US_ASCII)
                : text;
    }

    private static String encoding(String value) {
        return ClientEncoding.canonical(value)
                .orElseThrow(() -> PgException.fatal(
                        SqlState.INVALID_PARAMETER_VALUE,
                        "invalid value for parameter \"client_encoding\": \"" + value + "\""));
    }

    /** What a client is told whose value is too long for a name; empty if it is not, or need not be one. */
    static Optional<String> truncationNotice(String name, String value) {
        byte[] bytes = WireText.encode(value);
        if (!name.equalsIgnoreCase("application_name") || bytes.length <= NAME_BYTES) {
            return Optional.empty();
        }
        return Optional.of(
                "identifier \"" + value + "\" will be truncated to \"" + WireText.decode(bytes, 0, NAME_BYTES) + "\"");
    }

    /** A style without an order of day, month and year keeps the order there was. */
    private static String dateStyle(String value, String before) {
        String style = value.strip();
        int comma = before.indexOf(',');
        if (style.contains(",") || comma < 0) {
            return style;
        }
        String upper = style.toUpperCase(Locale.ROOT);
        String name = upper.equals("ISO") || upper.equals("SQL") ? upper : style;
        return name + before.substring(comma);
    }
}
