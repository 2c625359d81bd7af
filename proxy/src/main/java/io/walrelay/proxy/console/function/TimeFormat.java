package io.walrelay.proxy.console.function;

import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code to_char} of a time ({@code DCH_to_char} of formatting.c): patterns by {@link TimePattern}, the prefix FM, the
 * suffix TH, quoted text.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-formatting.html">Data Type Formatting Functions</a>
 */
final class TimeFormat {
    private final ZonedDateTime time;
    private final String format;
    private final StringBuilder text = new StringBuilder();
    private int at;

    private TimeFormat(ZonedDateTime time, String format) {
        this.time = time;
        this.format = format;
    }

    static String write(ZonedDateTime time, String format) {
        return TextFunctions.bounded(new TimeFormat(time, format).write());
    }

    private String write() {
        while (at < format.length()) {
            int from = at;
            boolean fill = true;
            boolean local = false;
            while (isAhead("FM") || isAhead("fm") || isAhead("TM") || isAhead("tm")) {
                boolean toFill = format.regionMatches(true, at, "TM", 0, 2);
                fill &= toFill;
                local |= toFill;
                at += 2;
            }
            Optional<TimePattern> pattern = TimePattern.at(format, at);
            if (pattern.isPresent()) {
                at += pattern.get().length();
                // Names in the language of lc_time are not filled up. Here that is English.
                value(pattern.get(), fill && !(local && !pattern.get().isNumber()));
            } else if (at == from) {
                literal();
            }
        }
        return text.toString();
    }

    private boolean isAhead(String word) {
        return format.startsWith(word, at);
    }

    private void value(TimePattern pattern, boolean fill) {
        String value = pattern.write(time, fill);
        text.append(value);
        if (pattern.isNumber() && (isAhead("TH") || isAhead("th"))) {
            String ending = ordinal(value);
            text.append(isAhead("TH") ? ending.toUpperCase(Locale.ROOT) : ending);
        }
        if (isAhead("TH") || isAhead("th") || isAhead("SP")) {
            at += 2;
        }
    }

    private static String ordinal(String number) {
        boolean teen = number.length() > 1 && number.charAt(number.length() - 2) == '1';
        return switch (teen ? '0' : number.charAt(number.length() - 1)) {
            case '1' -> "st";
            case '2' -> "nd";
            case '3' -> "rd";
            default -> "th";
        };
    }

    private void literal() {
        char first = format.charAt(at);
        if (first == '\\' && at + 1 < format.length() && format.charAt(at + 1) == '"') {
            text.append('"');
            at += 2;
        } else if (first == '"') {
            quoted();
        } else {
            text.append(first);
            at++;
        }
    }

    private void quoted() {
        at++;
        while (at < format.length() && format.charAt(at) != '"') {
            if (format.charAt(at) == '\\' && at + 1 < format.length()) {
                at++;
            }
            text.append(format.charAt(at++));
        }
        at++;
    }
}
