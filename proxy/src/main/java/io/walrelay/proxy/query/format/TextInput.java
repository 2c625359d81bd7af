package io.walrelay.proxy.query.format;

import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Values as PostgreSQL's input functions read them. Types without a form of their own stay text, for the engine to
 * read.
 */
final class TextInput {
    private static final BigInteger MAX_OID = BigInteger.valueOf(0xFFFF_FFFFL);

    private TextInput() {}

    static Object of(String text, int type, TextStyle style) {
        int element = TypeOid.element(type);
        if (element != 0) {
            return new ArrayText(text, element, style).elements();
        }
        return switch (type) {
            case TypeOid.BOOL -> bool(text);
            case TypeOid.INT2 ->
                (short) integer(text, type, BigInteger.valueOf(Short.MIN_VALUE), BigInteger.valueOf(Short.MAX_VALUE));
            case TypeOid.INT4 ->
                (int) integer(text, type, BigInteger.valueOf(Integer.MIN_VALUE), BigInteger.valueOf(Integer.MAX_VALUE));
            case TypeOid.INT8, TypeOid.XID8 ->
                integer(text, type, BigInteger.valueOf(Long.MIN_VALUE), BigInteger.valueOf(Long.MAX_VALUE));
            case TypeOid.OID, TypeOid.XID, TypeOid.CID -> integer(text, type, BigInteger.ZERO, MAX_OID);
            case TypeOid.FLOAT4 -> (float) number(text, type);
            case TypeOid.FLOAT8 -> number(text, type);
            case TypeOid.NUMERIC -> numeric(text);
            case TypeOid.BYTEA -> bytea(text);
            case TypeOid.PG_LSN -> lsn(text);
            case TypeOid.DATE -> DateTimeText.date(text);
            case TypeOid.TIME -> DateTimeText.time(text);
            case TypeOid.TIMESTAMP -> DateTimeText.timestamp(text);
            case TypeOid.TIMESTAMPTZ -> DateTimeText.timestamptz(text, style.zone());
            default -> text;
        };
    }

    static PgException invalid(String text, int type) {
        return PgException.error(
                SqlState.INVALID_TEXT_REPRESENTATION,
                "invalid input syntax for type " + TypeOid.name(type) + ": \"" + text + "\"");
    }

    /** {@code parse_bool}: any unambiguous beginning of a word. */
    private static Boolean bool(String text) {
        String word = text.strip().toLowerCase(Locale.ROOT);
        if (!word.isEmpty()) {
            if (word.equals("1") || "true".startsWith(word) || "yes".startsWith(word) || word.equals("on")) {
                return true;
            }
            if (word.equals("0")
                    || "false".startsWith(word)
                    || "no".startsWith(word)
                    || word.equals("off")
                    || word.equals("of")) {
                return false;
            }
        }
        throw invalid(text, TypeOid.BOOL);
    }

    private static long integer(String text, int type, BigInteger min, BigInteger max) {
        String digits = text.strip();
        if (!digits.matches("[+-]?\\d{1,40}")) {
            throw invalid(text, type);
        }
        BigInteger value = new BigInteger(digits);
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw PgException.error(
                    SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                    "value \"" + digits + "\" is out of range for type " + TypeOid.name(type));
        }
        return value.longValue();
    }

    private static double number(String text, int type) {
        String word = text.strip();
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "nan" -> Double.NaN;
            case "infinity", "inf", "+infinity" -> Double.POSITIVE_INFINITY;
            case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
            default -> {
                if (!word.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
                    throw invalid(text, type);
                }
                yield Double.parseDouble(word);
            }
        };
    }

    private static BigDecimal numeric(String text) {
        String word = text.strip();
        // The exponent is bounded: 1e1000000000 is nine digits here and a gigabyte written out.
        if (!word.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,4})?") || word.length() > 1000) {
            throw invalid(text, TypeOid.NUMERIC);
        }
        BigDecimal value = new BigDecimal(word);
        return value.scale() < 0 ? value.setScale(0) : value;
    }

    private static byte[] bytea(String text) {
        if (text.startsWith("\\x")) {
            try {
                return HexFormat.of().parseHex(text.substring(2).replaceAll("\\s", ""));
            } catch (IllegalArgumentException e) {
                throw PgException.error(SqlState.INVALID_PARAMETER_VALUE, "invalid hexadecimal data");
            }
        }
        if (text.indexOf('\\') >= 0) {
            throw invalid(text, TypeOid.BYTEA).withHint("Write it in hex format.");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Lsn lsn(String text) {
        try {
            return Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid(text, TypeOid.PG_LSN);
        }
    }

    /** {@code array_in}, for one dimension. */
    private static final class ArrayText {
        private final String text;
        private final int element;
        private final TextStyle style;
        private int at;

        ArrayText(String text, int element, TextStyle style) {
            this.text = text.strip();
            this.element = element;
            this.style = style;
        }

        List<@Nullable Object> elements() {
            if (!text.startsWith("{") || !text.endsWith("}") || text.length() < 2) {
                throw malformed();
            }
            List<@Nullable Object> elements = new ArrayList<>();
            at = 1;
            skipBlanks();
            if (at == text.length() - 1) {
                return elements;
            }
            while (true) {
                elements.add(next());
                skipBlanks();
                char c = text.charAt(at);
                at++;
                if (c == '}' && at == text.length()) {
                    return Collections.unmodifiableList(elements);
                }
                if (c != ',' || at == text.length()) {
                    throw malformed();
                }
            }
        }

        private void skipBlanks() {
            while (at < text.length() - 1 && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private @Nullable Object next() {
            skipBlanks();
            if (text.charAt(at) == '"') {
                return of(quoted(), element, style);
            }
            int from = at;
            while (",{}\"\\".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(from, at).strip();
            if (word.isEmpty() || text.charAt(at) == '{' || text.charAt(at) == '"' || text.charAt(at) == '\\') {
                throw malformed();
            }
            return word.equalsIgnoreCase("NULL") ? null : of(word, element, style);
        }

        private String quoted() {
            StringBuilder word = new StringBuilder();
            for (at++; at < text.length() - 1; at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return word.toString();
                }
                if (c == '\\') {
                    at++;
                    c = text.charAt(at);
                }
                word.append(c);
            }
            throw malformed();
        }

        private PgException malformed() {
            return PgException.error(SqlState.INVALID_TEXT_REPRESENTATION, "malformed array literal: \"" + text + "\"");
        }
    }
}
