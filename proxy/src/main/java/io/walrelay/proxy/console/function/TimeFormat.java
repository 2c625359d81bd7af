package io.walrelay.proxy.console.function;

import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The patterns of {@code to_char} that monitoring queries use. Longer ones come first. */
final class TimeFormat {
    private static final Map<String, Function<ZonedDateTime, String>> PATTERNS = new LinkedHashMap<>();

    static {
        PATTERNS.put("YYYY", time -> digits(4, time.getYear()));
        PATTERNS.put("HH24", time -> digits(2, time.getHour()));
        PATTERNS.put("HH12", time -> digits(2, (time.getHour() + 11) % 12 + 1));
        PATTERNS.put("DDD", time -> digits(3, time.getDayOfYear()));
        PATTERNS.put("MM", time -> digits(2, time.getMonthValue()));
        PATTERNS.put("DD", time -> digits(2, time.getDayOfMonth()));
        PATTERNS.put("MI", time -> digits(2, time.getMinute()));
        PATTERNS.put("SS", time -> digits(2, time.getSecond()));
        PATTERNS.put("MS", time -> digits(3, time.getNano() / 1_000_000));
        PATTERNS.put("US", time -> digits(6, time.getNano() / 1000));
        PATTERNS.put("HH", time -> digits(2, (time.getHour() + 11) % 12 + 1));
        PATTERNS.put("YY", time -> digits(2, time.getYear() % 100));
        PATTERNS.put("TZ", time -> time.getZone().getId());
    }

    private TimeFormat() {}

    private static String digits(int width, int value) {
        return String.format(Locale.ROOT, "%0" + width + "d", value);
    }

    static String write(ZonedDateTime time, String format) {
        StringBuilder text = new StringBuilder();
        int at = 0;
        boolean quoted = false;
        while (at < format.length()) {
            if (format.charAt(at) == '"') {
                quoted = !quoted;
                at++;
                continue;
            }
            int from = at;
            if (!quoted) {
                for (Map.Entry<String, Function<ZonedDateTime, String>> pattern : PATTERNS.entrySet()) {
                    if (format.regionMatches(
                            true, at, pattern.getKey(), 0, pattern.getKey().length())) {
                        text.append(pattern.getValue().apply(time));
                        at += pattern.getKey().length();
                        break;
                    }
                }
            }
            if (at == from) {
                text.append(format.charAt(at++));
            }
        }
        return TextFunctions.bounded(text.toString());
    }
}
