package io.walrelay.proxy.query.format;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Floating-point numbers as {@code float8out} and {@code float4out} write them. */
final class FloatText {
    private static final int DOUBLE_DIGITS = 15;
    private static final int FLOAT_DIGITS = 6;

    private FloatText() {}

    static String of(double value, int extraDigits) {
        return special(value, Double.toString(Math.abs(value)), DOUBLE_DIGITS, extraDigits);
    }

    static String of(float value, int extraDigits) {
        return special(value, Float.toString(Math.abs(value)), FLOAT_DIGITS, extraDigits);
    }

    private static String special(double value, String shortest, int digits, int extraDigits) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
        if (Double.isInfinite(value)) {
            return sign + "Infinity";
        }
        return sign + (value == 0 ? "0" : finite(new BigDecimal(shortest), digits, extraDigits));
    }

    /** Shortest with extra digits; without, rounded as {@code %g} rounds. */
    private static String finite(BigDecimal exact, int digits, int extraDigits) {
        int precision = Math.max(1, digits + extraDigits);
        BigDecimal number = (extraDigits > 0 ? exact : exact.round(new MathContext(precision, RoundingMode.HALF_EVEN)))
                .stripTrailingZeros();
        int exponent = number.precision() - number.scale() - 1;
        int longest = extraDigits > 0 ? digits : precision;
        if (exponent >= -4 && exponent < longest) {
            return number.toPlainString();
        }
        String mantissa = number.unscaledValue().toString();
        String fraction = mantissa.length() == 1 ? "" : "." + mantissa.substring(1);
        String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : Integer.toString(Math.abs(exponent));
        return mantissa.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + power;
    }
}
