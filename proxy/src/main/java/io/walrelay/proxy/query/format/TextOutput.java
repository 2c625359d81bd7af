package io.walrelay.proxy.query.format;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as PostgreSQL's output functions write them. */
final class TextOutput {
    private static final int INT2VECTOR = 22;
    private static final int OIDVECTOR = 30;

    private TextOutput() {}

    static String of(Object value, TextStyle style) {
        return switch (value) {
            case Boolean yes -> yes ? "t" : "f";
            case Double number -> FloatText.of(number, style.extraFloatDigits());
            case Float number -> FloatText.of(number, style.extraFloatDigits());
            case BigDecimal number -> number.toPlainString();
            case byte[] bytes -> bytea(bytes, style);
            case OffsetDateTime time ->
                DateTimeText.of(time.atZoneSameInstant(style.zone()).toOffsetDateTime());
            case LocalDateTime time -> DateTimeText.of(time);
            case LocalDate date -> DateTimeText.of(date);
            case LocalTime time -> DateTimeText.of(time);
            case Duration interval -> DateTimeText.of(interval);
            case List<?> array -> array(array, style);
            default -> value.toString();
        };
    }

    /**
     * A value of a column of {@code type}: the vectors of the catalogues are arrays that are written as nothing but
     * their elements.
     */
    static String of(Object value, int type, TextStyle style) {
        return value instanceof List<?> elements && (type == INT2VECTOR || type == OIDVECTOR)
                ? elements.stream().map(String::valueOf).collect(Collectors.joining(" "))
                : of(value, style);
    }

    private static String bytea(byte[] bytes, TextStyle style) {
        return switch (style.bytea()) {
            case HEX -> "\\x" + HexFormat.of().formatHex(bytes);
            case ESCAPE -> escaped(bytes);
        };
    }

    private static String escaped(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            if (b == '\\') {
                text.append("\\\\");
            } else if (b < 0x20 || b > 0x7E) {
                text.append(String.format(Locale.ROOT, "\\%03o", b & 0xFF));
            } else {
                text.append(new String(new byte[] {b}, StandardCharsets.US_ASCII));
            }
        }
        return text.toString();
    }

    private static String array(List<?> elements, TextStyle style) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < elements.size(); i++) {
            Object element = elements.get(i);
            text.append(i == 0 ? "" : ",").append(element(element, style));
        }
        return text.append('}').toString();
    }

    private static String element(@Nullable Object element, TextStyle style) {
        if (element == null) {
            return "NULL";
        }
        String text = of(element, style);
        boolean plain = !text.isEmpty()
                && !text.equalsIgnoreCase("NULL")
                && text.chars().noneMatch(c -> "{}\",\\ \t\n\r\u000B\f".indexOf(c) >= 0);
        return plain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
