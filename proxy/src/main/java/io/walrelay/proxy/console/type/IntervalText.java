package io.walrelay.proxy.console.type;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.Duration;
import java.util.Locale;

/**
 * Intervals, which are kept as a duration: a month counts as 30 days, a year as 365.25 days, as {@code EXTRACT(EPOCH
 * ...)} counts them.
 */
public final class IntervalText {
    private IntervalText() {}

    /** Reads {@code 1 day 02:03:04.5}, {@code 5 minutes}, {@code -1 hour ago}. @throws PgException 22007 */
    public static Duration read(String text) {
        Duration sum = Duration.ZERO;
        String[] words = text.strip().toLowerCase(Locale.ROOT).split("\\s+", -1);
        int at = 0;
        boolean ago = words.length > 1 && words[words.length - 1].equals("ago");
        int end = ago ? words.length - 1 : words.length;
        while (at < end) {
            String word = words[at++];
            int letters = 0;
            while (letters < word.length() && "+-.0123456789:".indexOf(word.charAt(letters)) >= 0) {
                letters++;
            }
            String number = word.substring(0, letters);
            String unit = word.substring(letters);
            if (unit.isEmpty() && !number.contains(":") && at < end) {
                unit = words[at++];
            }
            sum = sum.plus(number.contains(":") ? clock(text, number) : amount(text, number, unit));
        }
        return ago ? sum.negated() : sum;
    }

    private static PgException invalid(String text) {
        return PgException.error(SqlState.of("22007"), "invalid input syntax for type interval: \"" + text + "\"");
    }

    private static Duration clock(String text, String number) {
        boolean negative = number.startsWith("-");
        String[] parts = number.substring(negative ? 1 : 0).split(":", -1);
        if (parts.length > 3) {
            throw invalid(text);
        }
        try {
            double seconds = Double.parseDouble(parts[0]) * 3600 + Double.parseDouble(parts[1]) * 60;
            seconds += parts.length > 2 ? Double.parseDouble(parts[2]) : 0;
            return seconds(text, negative ? -seconds : seconds);
        } catch (NumberFormatException e) {
            throw invalid(text);
        }
    }

    private static Duration amount(String text, String number, String unit) {
        double amount;
        try {
            amount = Double.parseDouble(number);
        } catch (NumberFormatException e) {
            throw invalid(text);
        }
        return seconds(text, amount * unitSeconds(text, unit));
    }

    private static double unitSeconds(String text, String unit) {
        String singular = unit.endsWith("s") && unit.length() > 2 ? unit.substring(0, unit.length() - 1) : unit;
        return switch (singular) {
            case "", "s", "sec", "second" -> 1;
            case "us", "usec", "microsecond" -> 1e-6;
            case "ms", "msec", "millisecond" -> 1e-3;
            case "m", "min", "minute" -> 60;
            case "h", "hr", "hour" -> 3600;
            case "d", "day" -> 86_400;
            case "w", "week" -> 7 * 86_400;
            case "mon", "month" -> 30 * 86_400;
            case "y", "yr", "year" -> 365.25 * 86_400;
            default -> throw invalid(text);
        };
    }

    private static Duration seconds(String text, double seconds) {
        if (!(Math.abs(seconds) < 1e12)) {
            throw PgException.error(SqlState.of("22008"), "interval field value out of range: \"" + text + "\"");
        }
        long micros = Math.round(seconds * 1e6);
        return Duration.ofSeconds(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    }

    /** {@code 1 day 02:03:04.5}, IntervalStyle postgres. */
    public static String write(Duration duration) {
        long micros = duration.getSeconds() * 1_000_000L + duration.getNano() / 1000;
        long days = micros / 86_400_000_000L;
        long rest = micros % 86_400_000_000L;
        StringBuilder text = new StringBuilder();
        if (days != 0) {
            text.append(days).append(Math.abs(days) == 1 && days > 0 ? " day" : " days");
        }
        if (rest != 0 || days == 0) {
            text.append(text.isEmpty() ? "" : " ").append(rest < 0 ? "-" : days < 0 ? "+" : "");
            long absolute = Math.abs(rest);
            long seconds = absolute / 1_000_000;
            text.append(String.format(Locale.ROOT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60));
            text.append(TextOutput.fraction((int) (absolute % 1_000_000)));
        }
        return text.toString();
    }
}
