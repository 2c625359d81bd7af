package io.walrelay.proxy.query.format;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Dates and times in {@code DateStyle} ISO and {@code IntervalStyle} postgres, to the microsecond. */
final class DateTimeText {
    private static final Pattern FORM = Pattern.compile(
            "\\s*(?<date>\\d{4,6}-\\d\\d?-\\d\\d?)"
                    + "(?:[T ]\\s*(?<time>\\d\\d?:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)\\s*(?<zone>Z|[+-]\\d\\d(?::?\\d\\d){0,2})?)?\\s*");

    private static final Pattern TIME = Pattern.compile("\\s*(\\d\\d?:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?)\\s*");

    private DateTimeText() {}

    static String of(LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        String text = String.format(Locale.ROOT, "%04d-%02d-%02d", year, date.getMonthValue(), date.getDayOfMonth());
        return date.getYear() > 0 ? text : text + " BC";
    }

    static String of(LocalTime time) {
        return clock(time.getHour(), time.getMinute(), time.getSecond(), time.getNano() / 1000);
    }

    static String of(LocalDateTime time) {
        return withEra(time, "");
    }

    static String of(OffsetDateTime time) {
        int seconds = time.getOffset().getTotalSeconds();
        int rest = Math.abs(seconds);
        StringBuilder zone = new StringBuilder(seconds < 0 ? "-" : "+");
        zone.append(twoDigits(rest / 3600));
        if (rest % 3600 != 0) {
            zone.append(':').append(twoDigits(rest / 60 % 60));
        }
        if (rest % 60 != 0) {
            zone.append(':').append(twoDigits(rest % 60));
        }
        return withEra(time.toLocalDateTime(), zone.toString());
    }

    private static String withEra(LocalDateTime time, String zone) {
        String date = of(time.toLocalDate());
        String era = date.endsWith(" BC") ? " BC" : "";
        return date.substring(0, date.length() - era.length()) + " " + of(time.toLocalTime()) + zone + era;
    }

    /** Hours are not made days of: lag has none. */
    static String of(Duration interval) {
        long micros = interval.toNanos() / 1000;
        long rest = Math.abs(micros);
        String sign = micros < 0 ? "-" : "";
        return sign
                + clock(rest / 3_600_000_000L, (int) (rest / 60_000_000 % 60), (int) (rest / 1_000_000 % 60), (int)
                        (rest % 1_000_000));
    }

    private static String clock(long hours, int minutes, int seconds, int micros) {
        String text = twoDigits(hours) + ":" + twoDigits(minutes) + ":" + twoDigits(seconds);
        if (micros == 0) {
            return text;
        }
        return text + "." + String.format(Locale.ROOT, "%06d", micros).replaceFirst("0+$", "");
    }

    private static String twoDigits(long number) {
        return number < 10 ? "0" + number : Long.toString(number);
    }

    static LocalDate date(String text) {
        return date(matched(FORM, text, "date"), text);
    }

    static LocalTime time(String text) {
        return clockOf(matched(TIME, text, "time").group(1), text);
    }

    static LocalDateTime timestamp(String text) {
        return local(matched(FORM, text, "timestamp"), text);
    }

    static OffsetDateTime timestamptz(String text, ZoneId session) {
        String type = "timestamp with time zone";
        Matcher matcher = matched(FORM, text, type);
        LocalDateTime local = local(matcher, text);
        String zone = matcher.group("zone");
        try {
            return zone == null
                    ? local.atZone(session).toOffsetDateTime()
                    : local.atOffset(ZoneOffset.of(zone.length() == 3 ? zone + ":00" : zone));
        } catch (DateTimeException e) {
            throw outOfRange("time zone displacement out of range: \"" + text + "\"");
        }
    }

    private static LocalDateTime local(Matcher matcher, String text) {
        String time = matcher.group("time");
        return date(matcher, text).atTime(time == null ? LocalTime.MIDNIGHT : clockOf(time, text));
    }

    private static LocalDate date(Matcher matcher, String text) {
        String[] parts = matcher.group("date").split("-", -1);
        try {
            return LocalDate.of(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        } catch (DateTimeException e) {
            throw outOfRange("date/time field value out of range: \"" + text + "\"");
        }
    }

    private static LocalTime clockOf(String time, String text) {
        try {
            return LocalTime.parse(time.indexOf(':') == 1 ? "0" + time : time).truncatedTo(ChronoUnit.MICROS);
        } catch (DateTimeException e) {
            throw outOfRange("date/time field value out of range: \"" + text + "\"");
        }
    }

    private static Matcher matched(Pattern form, String text, String type) {
        Matcher matcher = form.matcher(text);
        if (!matcher.matches()) {
            throw PgException.error(
                    SqlState.INVALID_DATETIME_FORMAT, "invalid input syntax for type " + type + ": \"" + text + "\"");
        }
        return matcher;
    }

    private static PgException outOfRange(String words) {
        return PgException.error(SqlState.DATETIME_FIELD_OVERFLOW, words);
    }
}
