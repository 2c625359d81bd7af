package io.walrelay.proxy.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the integers of a settings file as parse_int of guc.c does: decimal, octal, hexadecimal, fractions, units. */
final class IntegerText {
    private static final Pattern INTEGER = Pattern.compile("[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)");
    private static final Pattern REAL = Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
    private static final String BLANKS = " \t\n\u000b\f\r";

    private IntegerText() {}

    /** Why a text is no integer; the hint may be empty. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String hint) {
            super(hint);
        }

        String hint() {
            return String.valueOf(getMessage());
        }
    }

    /** The value in {@code unit}, rounded half to even. */
    static int parse(String text, @Nullable Unit unit) throws Malformed {
        int start = skipBlanks(text, 0);
        Matcher integer = INTEGER.matcher(text).region(start, text.length());
        Matcher real = REAL.matcher(text).region(start, text.length());
        double value;
        int end;
        // As strtol first; only what goes on like a fraction (or does not fit) is read again as strtod does.
        if (integer.lookingAt()
                && !continuesAsReal(text, integer.end())
                && integer.group().length() < 18) {
            String digits = integer.group();
            value = decodeInteger(digits);
            end = start + consumed(digits);
        } else if (real.lookingAt()) {
            value = Double.parseDouble(real.group());
            end = real.end();
        } else {
            throw new Malformed("");
        }
        end = skipBlanks(text, end);
        if (end < text.length()) {
            value = convert(value, text.substring(end), unit);
        }
        value = Math.rint(value);
        if (value > Integer.MAX_VALUE || value < Integer.MIN_VALUE) {
            throw new Malformed("Value exceeds integer range.");
        }
        return (int) value;
    }

    private static double convert(double value, String written, @Nullable Unit unit) throws Malformed {
        if (unit == null) {
            throw new Malformed("");
        }
        Double converted = unit.convert(value, written.stripTrailing());
        if (converted == null) {
            throw new Malformed(unit.hint());
        }
        return converted;
    }

    private static boolean continuesAsReal(String text, int end) {
        return end < text.length() && ".eE".indexOf(text.charAt(end)) >= 0;
    }

    /** How much of the digits strtol takes: octal stops at the first 8 or 9. */
    private static int consumed(String digits) {
        int sign = sign(digits);
        if (isOctal(digits)) {
            int end = sign;
            while (end < digits.length() && digits.charAt(end) <= '7') {
                end++;
            }
            return end;
        }
        return digits.length();
    }

    private static long decodeInteger(String digits) {
        return Long.decode(digits.substring(0, consumed(digits)));
    }

    private static boolean isOctal(String digits) {
        int sign = sign(digits);
        return digits.length() > sign + 1 && digits.charAt(sign) == '0' && Character.isDigit(digits.charAt(sign + 1));
    }

    private static int sign(String digits) {
        return digits.startsWith("-") || digits.startsWith("+") ? 1 : 0;
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && BLANKS.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }
}
