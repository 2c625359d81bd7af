package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.bigint;
import static io.walrelay.proxy.console.function.Arguments.integer;
import static io.walrelay.proxy.console.function.Arguments.numeric;
import static io.walrelay.proxy.console.function.Arguments.real;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Numbers.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-math.html">Mathematical Functions and Operators</a>
 */
public final class MathFunctions {
    private static final int LEAST_DIGITS = 16;

    private MathFunctions() {}

    static Functions all() {
        return new Functions("pg_catalog")
                .add("abs(int4) int4", (c, a) -> Math.absExact(integer(a, 0)))
                .add("abs(int8) int8", (c, a) -> Math.absExact(bigint(a, 0)))
                .add("abs(numeric) numeric", (c, a) -> numeric(a, 0).abs())
                .add("abs(float8) float8", (c, a) -> Math.abs(real(a, 0)))
                .add("round(float8) float8", (c, a) -> Math.rint(real(a, 0)))
                .add(
                        "round(numeric, int4 =) numeric",
                        (c, a) ->
                                numeric(a, 0).setScale(digits(a.length > 1 ? integer(a, 1) : 0), RoundingMode.HALF_UP))
                .add("trunc(float8) float8", (c, a) -> (double) (long) real(a, 0))
                .add(
                        "trunc(numeric, int4 =) numeric",
                        (c, a) -> numeric(a, 0).setScale(digits(a.length > 1 ? integer(a, 1) : 0), RoundingMode.DOWN))
                .add("ceil(float8) float8", (c, a) -> Math.ceil(real(a, 0)))
                .add("ceil(numeric) numeric", (c, a) -> numeric(a, 0).setScale(0, RoundingMode.CEILING))
                .add("ceiling(float8) float8", (c, a) -> Math.ceil(real(a, 0)))
                .add("ceiling(numeric) numeric", (c, a) -> numeric(a, 0).setScale(0, RoundingMode.CEILING))
                .add("floor(float8) float8", (c, a) -> Math.floor(real(a, 0)))
                .add("floor(numeric) numeric", (c, a) -> numeric(a, 0).setScale(0, RoundingMode.FLOOR))
                .add("sign(float8) float8", (c, a) -> Math.signum(real(a, 0)))
                .add("sqrt(float8) float8", (c, a) -> Math.sqrt(real(a, 0)))
                .add("exp(float8) float8", (c, a) -> Math.exp(real(a, 0)))
                .add("ln(float8) float8", (c, a) -> Math.log(real(a, 0)))
                .add("log(float8) float8", (c, a) -> Math.log10(real(a, 0)))
                .add("power(float8, float8) float8", (c, a) -> Math.pow(real(a, 0), real(a, 1)))
                .add("mod(int8, int8) int8", (c, a) -> modulo(bigint(a, 0), bigint(a, 1)))
                .add("mod(numeric, numeric) numeric", (c, a) -> remainder(numeric(a, 0), numeric(a, 1)))
                .add("div(numeric, numeric) numeric", (c, a) -> {
                    requireDivisor(numeric(a, 1));
                    return numeric(a, 0).divideToIntegralValue(numeric(a, 1)).setScale(0, RoundingMode.DOWN);
                })
                .add("random() float8", (c, a) -> ThreadLocalRandom.current().nextDouble());
    }

    private static int digits(int digits) {
        return Math.max(-1000, Math.min(1000, digits));
    }

    private static void requireDivisor(BigDecimal divisor) {
        if (divisor.signum() == 0) {
            throw divisionByZero();
        }
    }

    /** 22012. */
    public static PgException divisionByZero() {
        return PgException.error(SqlState.of("22012"), "division by zero");
    }

    private static long modulo(long value, long divisor) {
        if (divisor == 0) {
            throw divisionByZero();
        }
        return value % divisor;
    }

    /** The remainder, with the sign of the dividend. */
    public static BigDecimal remainder(BigDecimal value, BigDecimal divisor) {
        requireDivisor(divisor);
        return value.remainder(divisor);
    }

    /** A quotient with as many digits as PostgreSQL gives ({@code select_div_scale}): 16 significant ones at least. */
    public static BigDecimal quotient(BigDecimal value, BigDecimal divisor) {
        requireDivisor(divisor);
        int quotientWeight = weight(value) - weight(divisor);
        if (firstDigit(value) <= firstDigit(divisor)) {
            quotientWeight--;
        }
        int scale = LEAST_DIGITS - quotientWeight * 4;
        scale = Math.max(Math.max(scale, value.scale()), Math.max(divisor.scale(), 0));
        return value.divide(divisor, Math.min(scale, 1000), RoundingMode.HALF_UP);
    }

    /** Of the first digit in base 10000. */
    private static int weight(BigDecimal value) {
        int exponent = value.signum() == 0 ? 0 : value.precision() - value.scale() - 1;
        return Math.floorDiv(exponent, 4);
    }

    private static int firstDigit(BigDecimal value) {
        return value.signum() == 0
                ? 0
                : value.abs().movePointLeft(weight(value) * 4).intValue();
    }
}
