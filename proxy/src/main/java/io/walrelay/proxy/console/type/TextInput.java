package io.walrelay.proxy.console.type;

import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Values from their text, as the input functions of PostgreSQL's types read it. Dates and times in ISO 8601 only.
 *
 * @see <a href="https://www.postgresql.org/docs/current/datatype.html">Data Types</a>
 */
public final class TextInput {
    private static final SqlState INVALID_TEXT = SqlState.of("22P02");
    private static final SqlState INVALID_DATETIME = SqlState.of("22007");
    private static final DateTimeFormatter TIMESTAMP = new DateTimeFormatterBuilder()
            .appendPattern("yyyy-MM-dd")
            .optionalStart()
            .appendPattern("['T'][ ]HH:mm[:ss]")
            .optionalStart()
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .optionalEnd()
            .optionalStart()
            .appendPattern("[ ]")
            .appendOffset("+HH:mm:ss", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HH:mm", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HH", "Z")
            .optionalEnd()
            .optionalEnd()
            .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
            .parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0)
            .toFormatter(Locale.ROOT);

    private final ZoneId zone;

    /** @param zone of times that name none */
    public TextInput(ZoneId zone) {
        this.zone = zone;
    }

    /** Reads a value. @throws PgException 22P02, 22003, 22007 */
    public Object read(PgType type, String text) {
        return switch (type.storage()) {
            case BOOLEAN -> truth(text);
            case INT2 -> (short) whole(type, text, Short.MIN_VALUE, Short.MAX_VALUE);
            case INT4 -> (int) whole(type, text, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case INT8 ->
                type.equals(PgTypes.INT8) ? whole(type, text, Long.MIN_VALUE, Long.MAX_VALUE) : oid(type, text);
            case FLOAT4 -> (float) real(type, text);
            case FLOAT8 -> real(type, text);
            case NUMERIC -> numeric(type, text);
            case TEXT -> text;
            case BYTES -> bytes(text);
            case LSN -> lsn(text);
            case TIMESTAMPTZ -> timestamptz(type, text);
            case TIMESTAMP -> timestamp(type, text);
            case DATE -> timestamp(type, text).toLocalDate();
            case TIME -> time(type, text);
            case INTERVAL -> IntervalText.read(text);
            case ARRAY -> array(type, text);
        };
    }

    private static PgException invalid(PgType type, String text) {
        return PgException.error(
                INVALID_TEXT, "invalid input syntax for type " + type.sqlName() + ": \"" + text + "\"");
    }

    private static Boolean truth(String text) {
        String word = text.strip().toLowerCase(Locale.ROOT);
        if (!word.isEmpty()) {
            for (String yes : List.of("true", "yes", "on", "1")) {
                if (yes.startsWith(word) && !word.equals("o")) {
                    return true;
                }
            }
            for (String no : List.of("false", "no", "off", "0")) {
                if (no.startsWith(word) && !word.equals("o")) {
                    return false;
                }
            }
        }
        throw invalid(PgTypes.BOOL, text);
    }

    private static long whole(PgType type, String text, long least, long most) {
        BigInteger value;
        try {
            value = text.length() > 1000 ? BigInteger.ONE.shiftLeft(100) : new BigInteger(text.strip());
        } catch (NumberFormatException e) {
            throw invalid(type, text);
        }
        if (value.compareTo(BigInteger.valueOf(least)) < 0 || value.compareTo(BigInteger.valueOf(most)) > 0) {
            throw PgException.error(
                    SqlState.NUMERIC_VALUE_OUT_OF_RANGE,
                    "value \"" + text + "\" is out of range for type " + type.sqlName());
        }
        return value.longValue();
    }

    private static long oid(PgType type, String text) {
        return whole(type, text, Integer.MIN_VALUE, 0xFFFFFFFFL) & 0xFFFFFFFFL;
    }

    private static double real(PgType type, String text) {
        String word = text.strip();
        try {
            return switch (word.toLowerCase(Locale.ROOT)) {
                case "infinity", "inf", "+infinity" -> Double.POSITIVE_INFINITY;
                case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
                case "nan" -> Double.NaN;
                default -> {
                    if (word.isEmpty() || "dDfF".indexOf(word.charAt(word.length() - 1)) >= 0) {
                        throw invalid(type, text);
                    }
                    yield Double.parseDouble(word);
                }
            };
        } catch (NumberFormatException e) {
            throw invalid(type, text);
        }
    }

    private static BigDecimal numeric(PgType type, String text) {
        BigDecimal value;
        try {
            value = new BigDecimal(text.strip());
        } catch (NumberFormatException e) {
            throw invalid(type, text);
        }
        // A few characters of exponent must not become gigabytes of digits.
        if (Math.abs((long) value.scale()) > 1000 || value.precision() > 1000) {
            throw PgException.error(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
        }
        return value.scale() < 0 ? value.setScale(0, RoundingMode.UNNECESSARY) : value;
    }

    private static byte[] bytes(String text) {
        if (text.startsWith("\\x")) {
            try {
                return HexFormat.of().parseHex(text.substring(2));
            } catch (IllegalArgumentException e) {
                throw PgException.error(SqlState.INVALID_PARAMETER_VALUE, "invalid hexadecimal data");
            }
        }
        return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static Lsn lsn(String text) {
        try {
            return Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid(PgTypes.PG_LSN, text);
        }
    }

    private TemporalAccessor parsed(PgType type, String text) {
        try {
            return TIMESTAMP.parse(text.strip());
        } catch (DateTimeParseException e) {
            throw PgException.error(
                    INVALID_DATETIME, "invalid input syntax for type " + type.sqlName() + ": \"" + text + "\"");
        }
    }

    private OffsetDateTime timestamptz(PgType type, String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "now" -> OffsetDateTime.now(Clock.systemUTC());
            case "epoch" -> OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
            default -> zoned(parsed(type, text));
        };
    }

    private OffsetDateTime zoned(TemporalAccessor parsed) {
        LocalDateTime local = LocalDateTime.from(parsed);
        return parsed.isSupported(ChronoField.OFFSET_SECONDS)
                ? local.atOffset(ZoneOffset.from(parsed))
                : local.atZone(zone).toOffsetDateTime();
    }

    private LocalDateTime timestamp(PgType type, String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "now" -> LocalDateTime.now(zone);
            case "today" -> LocalDate.now(zone).atStartOfDay();
            case "epoch" -> LocalDateTime.of(1970, 1, 1, 0, 0);
            default -> LocalDateTime.from(parsed(type, text));
        };
    }

    private static LocalTime time(PgType type, String text) {
        try {
            return LocalTime.parse(text.strip());
        } catch (DateTimeParseException e) {
            throw PgException.error(
                    INVALID_DATETIME, "invalid input syntax for type " + type.sqlName() + ": \"" + text + "\"");
        }
    }

    /** {@code {a,"b c",NULL}}, of one dimension. */
    private List<@Nullable Object> array(PgType type, String text) {
        PgType element = type.element().orElseThrow();
        String body = text.strip();
        if (!body.startsWith("{") || !body.endsWith("}") || body.length() < 2) {
            throw PgException.error(INVALID_TEXT, "malformed array literal: \"" + text + "\"");
        }
        List<@Nullable Object> values = new ArrayList<>();
        int at = 1;
        int end = body.length() - 1;
        while (at < end) {
            StringBuilder item = new StringBuilder();
            boolean quoted = false;
            boolean inside = false;
            while (at < end && (inside || body.charAt(at) != element.delimiter())) {
                char c = body.charAt(at++);
                if (c == '\\' && at < end) {
                    item.append(body.charAt(at++));
                } else if (c == '"') {
                    inside = !inside;
                    quoted = true;
                } else if ((c == '{' || c == '}') && !inside) {
                    throw PgException.error(INVALID_TEXT, "malformed array literal: \"" + text + "\"");
                } else {
                    item.append(c);
                }
            }
            at++;
            String word = quoted ? item.toString() : item.toString().strip();
            values.add(!quoted && word.equalsIgnoreCase("null") ? null : read(element, word));
        }
        return values;
    }
}
