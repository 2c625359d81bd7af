package io.walrelay.proxy.query.format;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.function.Function;

/**
 * What the settings of a session say of values in text. Dates are ISO, whatever {@code DateStyle} says.
 *
 * @param zone {@code TimeZone}
 * @param extraFloatDigits {@code extra_float_digits}: more than 0 for the shortest text that is the same number
 * @param bytea {@code bytea_output}
 */
public record TextStyle(ZoneId zone, int extraFloatDigits, Bytea bytea) {
    /** Forms of {@code bytea}. */
    public enum Bytea {
        HEX,
        ESCAPE
    }

    /** PostgreSQL's defaults. */
    public static final TextStyle DEFAULT = new TextStyle(ZoneOffset.UTC, 1, Bytea.HEX);

    /** As the settings are; a setting that is not known, or means nothing here, counts as its default. */
    public static TextStyle of(Function<String, String> settings) {
        return new TextStyle(
                zone(settings.apply("timezone")),
                digits(settings.apply("extra_float_digits")),
                settings.apply("bytea_output").equals("escape") ? Bytea.ESCAPE : Bytea.HEX);
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            // PostgreSQL knows its zones in any case.
            return ZoneId.getAvailableZoneIds().stream()
                    .filter(known -> known.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .map(ZoneId::of)
                    .orElse(ZoneOffset.UTC);
        }
    }

    private static int digits(String text) {
        return text.matches("-?\\d{1,2}") ? Integer.parseInt(text) : DEFAULT.extraFloatDigits;
    }
}
