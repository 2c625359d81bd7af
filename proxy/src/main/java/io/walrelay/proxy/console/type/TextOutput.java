package io.walrelay.proxy.console.type;

import io.walrelay.replication.Lsn;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The text of values, as casts to text give it: DateStyle ISO, IntervalStyle postgres, bytea_output hex. */
public final class TextOutput {
    private final ZoneId zone;

    /** @param zone that times are shown in */
    public TextOutput(ZoneId zone) {
        this.zone = zone;
    }

    /** The text of a value. */
    public String write(Object value) {
        return switch (value) {
            case Boolean truth -> truth ? "true" : "false";
            case Double real -> real(real);
            case Float real -> real(real.toString());
            case BigDecimal numeric -> numeric.toPlainString();
            case Lsn lsn -> lsn.toString();
            case byte[] bytes -> "\\x" + HexFormat.of().formatHex(bytes);
            case OffsetDateTime time -> timestamptz(time);
            case LocalDateTime time -> timestamp(time);
            case LocalDate date -> date.toString();
            case LocalTime time -> time(time);
            case Duration interval -> IntervalText.write(interval);
            case List<?> list -> array(list);
            default -> value.toString();
        };
    }

    private static String real(double value) {
        return real(Double.toString(value));
    }

    private static String real(String text) {
        if (text.equals("Infinity") || text.equals("-Infinity") || text.equals("NaN")) {
            return text;
        }
        int exponent = text.indexOf('E');
        String digits = exponent < 0 ? text : text.substring(0, exponent);
        digits = digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits;
        if (exponent < 0) {
            return digits;
        }
        int power = Integer.parseInt(text.substring(exponent + 1));
        if (power >= -4 && power < 15) {
            return new BigDecimal(text).stripTrailingZeros().toPlainString();
        }
        return digits + "e" + (power < 0 ? "-" : "+") + String.format(Locale.ROOT, "%02d", Math.abs(power));
    }

    private String timestamptz(OffsetDateTime time) {
        OffsetDateTime local = time.atZoneSameInstant(zone).toOffsetDateTime();
        int offset = local.getOffset().getTotalSeconds();
        StringBuilder text = new StringBuilder(timestamp(local.toLocalDateTime()));
        int absolute = Math.abs(offset);
        text.append(offset < 0 ? '-' : '+').append(String.format(Locale.ROOT, "%02d", absolute / 3600));
        if (absolute % 3600 != 0) {
            text.append(String.format(Locale.ROOT, ":%02d", absolute / 60 % 60));
        }
        return text.toString();
    }

    private static String timestamp(LocalDateTime time) {
        return time.toLocalDate() + " " + time(time.toLocalTime());
    }

    private static String time(LocalTime time) {
        return String.format(Locale.ROOT, "%02d:%02d:%02d", time.getHour(), time.getMinute(), time.getSecond())
                + fraction(time.getNano() / 1000);
    }

    /** Microseconds as a fraction without trailing zeros; empty for none. */
    static String fraction(int micros) {
        if (micros == 0) {
            return "";
        }
        String digits = String.format(Locale.ROOT, ".%06d", micros);
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') {
            end--;
        }
        return digits.substring(0, end);
    }

    private String array(List<? extends @Nullable Object> list) {
        StringBuilder text = new StringBuilder("{");
        for (Object value : list) {
            text.append(text.length() > 1 ? "," : "").append(value == null ? "NULL" : element(value));
        }
        return text.append('}').toString();
    }

    private String element(Object value) {
        String text = value instanceof Boolean truth ? (truth ? "t" : "f") : write(value);
        boolean plain = !text.isEmpty()
                && !text.equalsIgnoreCase("null")
                && text.chars().noneMatch(c -> "{},\"\\".indexOf(c) >= 0 || Character.isWhitespace(c));
        return plain ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
