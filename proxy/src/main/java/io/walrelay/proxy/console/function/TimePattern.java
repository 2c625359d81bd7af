package io.walrelay.proxy.console.function;

import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.time.temporal.JulianFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TimeZone;
import java.util.function.Function;

/** A pattern of {@code to_char}: {@code YYYY}, {@code Day}, ... ({@code DCH_keywords} of formatting.c). */
record TimePattern(String keyword, boolean isNumber, Value value) {
    private static final List<TimePattern> ALL = new ArrayList<>();
    private static final List<String> ROMAN =
            List.of("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII");
    private static final int NAME_WIDTH = 9;
    private static final int ROMAN_WIDTH = 4;

    /** What a pattern stands for; {@code fill}: with zeros or blanks to its width. */
    @FunctionalInterface
    interface Value {
        String of(ZonedDateTime time, boolean fill);
    }

    @FunctionalInterface
    private interface Figure {
        long of(ZonedDateTime time);
    }

    static {
        number("HH24", 2, ZonedDateTime::getHour);
        number("HH12", 2, TimePattern::hour12);
        number("HH", 2, TimePattern::hour12);
        number("MI", 2, ZonedDateTime::getMinute);
        number("SS", 2, ZonedDateTime::getSecond);
        number("MS", 3, time -> time.getNano() / 1_000_000);
        number("US", 6, time -> time.getNano() / 1000);
        for (int digits = 1; digits <= 6; digits++) {
            long unit = Math.round(Math.pow(10, 9 - digits));
            number("FF" + digits, digits, time -> time.getNano() / unit);
        }
        number("SSSS", 1, time -> time.get(ChronoField.SECOND_OF_DAY));
        number("SSSSS", 1, time -> time.get(ChronoField.SECOND_OF_DAY));
        number("YYYY", 4, TimePattern::year);
        number("YYY", 3, time -> year(time) % 1000);
        number("YY", 2, time -> year(time) % 100);
        number("Y", 1, time -> year(time) % 10);
        number("IYYY", 4, TimePattern::isoYear);
        number("IYY", 3, time -> isoYear(time) % 1000);
        number("IY", 2, time -> isoYear(time) % 100);
        number("I", 1, time -> isoYear(time) % 10);
        number("MM", 2, ZonedDateTime::getMonthValue);
        number("DDD", 3, ZonedDateTime::getDayOfYear);
        number("DD", 2, ZonedDateTime::getDayOfMonth);
        number("D", 1, time -> time.getDayOfWeek().getValue() % 7 + 1);
        number(
                "IDDD",
                3,
                time -> (time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR) - 1) * 7L
                        + time.getDayOfWeek().getValue());
        number("ID", 1, time -> time.getDayOfWeek().getValue());
        number("WW", 2, time -> (time.getDayOfYear() - 1) / 7 + 1);
        number("IW", 2, time -> time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        number("W", 1, time -> (time.getDayOfMonth() - 1) / 7 + 1);
        number("Q", 1, time -> (time.getMonthValue() - 1) / 3 + 1);
        number("CC", 2, time -> (year(time) + 99) / 100);
        number("J", 1, time -> time.getLong(JulianFields.JULIAN_DAY));
        both("Y,YYY", true, (time, fill) -> "%d,%03d".formatted(year(time) / 1000, year(time) % 1000));
        name("MONTH", NAME_WIDTH, TimePattern::month);
        name("MON", 0, time -> month(time).substring(0, 3));
        name("DAY", NAME_WIDTH, TimePattern::day);
        name("DY", 0, time -> day(time).substring(0, 3));
        both("RM", false, (time, fill) -> padded(ROMAN.get(time.getMonthValue() - 1), fill ? ROMAN_WIDTH : 0));
        both("AM", false, (time, fill) -> time.getHour() < 12 ? "AM" : "PM");
        both("PM", false, (time, fill) -> time.getHour() < 12 ? "AM" : "PM");
        both("A.M.", false, (time, fill) -> time.getHour() < 12 ? "A.M." : "P.M.");
        both("P.M.", false, (time, fill) -> time.getHour() < 12 ? "A.M." : "P.M.");
        both("AD", false, (time, fill) -> time.getYear() > 0 ? "AD" : "BC");
        both("BC", false, (time, fill) -> time.getYear() > 0 ? "AD" : "BC");
        both("A.D.", false, (time, fill) -> time.getYear() > 0 ? "A.D." : "B.C.");
        both("B.C.", false, (time, fill) -> time.getYear() > 0 ? "A.D." : "B.C.");
        both("TZ", false, (time, fill) -> zone(time));
        both("TZH", false, (time, fill) -> offset(time, true));
        both("TZM", false, (time, fill) -> "%02d".formatted(Math.abs(seconds(time)) / 60 % 60));
        both("OF", false, (time, fill) -> {
            int minutes = Math.abs(seconds(time)) / 60 % 60;
            return offset(time, fill) + (minutes == 0 ? "" : ":%02d".formatted(minutes));
        });
        both("FX", false, (time, fill) -> "");
        // The longest match wins.
        ALL.sort(Comparator.comparingInt(TimePattern::length).reversed());
    }

    private static void number(String keyword, int width, Figure figure) {
        both(keyword, true, (time, fill) -> ("%0" + (fill ? width : 1) + "d").formatted(figure.of(time)));
    }

    /** In capitals and in small letters. */
    private static void both(String keyword, boolean isNumber, Value value) {
        ALL.add(new TimePattern(keyword, isNumber, value));
        ALL.add(new TimePattern(
                keyword.toLowerCase(Locale.ROOT),
                isNumber,
                (time, fill) -> value.of(time, fill).toLowerCase(Locale.ROOT)));
    }

    /** {@code DAY}, {@code day}, and {@code Day}. */
    private static void name(String keyword, int width, Function<ZonedDateTime, String> name) {
        both(keyword, false, (time, fill) -> padded(name.apply(time).toUpperCase(Locale.ROOT), fill ? width : 0));
        String capital = keyword.charAt(0) + keyword.substring(1).toLowerCase(Locale.ROOT);
        ALL.add(new TimePattern(capital, false, (time, fill) -> padded(name.apply(time), fill ? width : 0)));
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String month(ZonedDateTime time) {
        return time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
    }

    private static String day(ZonedDateTime time) {
        return time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
    }

    private static int hour12(ZonedDateTime time) {
        return (time.getHour() + 11) % 12 + 1;
    }

    /** Before our era they count from 1 again. */
    private static int year(ZonedDateTime time) {
        return time.getYear() > 0 ? time.getYear() : 1 - time.getYear();
    }

    private static int isoYear(ZonedDateTime time) {
        int year = time.get(IsoFields.WEEK_BASED_YEAR);
        return year > 0 ? year : 1 - year;
    }

    private static String zone(ZonedDateTime time) {
        boolean summer = time.getZone().getRules().isDaylightSavings(time.toInstant());
        return TimeZone.getTimeZone(time.getZone()).getDisplayName(summer, TimeZone.SHORT, Locale.ROOT);
    }

    private static int seconds(ZonedDateTime time) {
        return time.getOffset().getTotalSeconds();
    }

    private static String offset(ZonedDateTime time, boolean fill) {
        int hours = Math.abs(seconds(time)) / 3600;
        return (seconds(time) < 0 ? "-" : "+") + (fill ? "%02d".formatted(hours) : Integer.toString(hours));
    }

    /** The pattern that stands there. */
    static Optional<TimePattern> at(String format, int position) {
        return ALL.stream()
                .filter(pattern -> format.startsWith(pattern.keyword, position))
                .findFirst();
    }

    int length() {
        return keyword.length();
    }

    String write(ZonedDateTime time, boolean fill) {
        return value.of(time, fill);
    }
}
