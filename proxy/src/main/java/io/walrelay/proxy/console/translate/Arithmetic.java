package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.function.MathFunctions;
import io.walrelay.proxy.console.function.WalArithmetic;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.proxy.console.type.Storage;
import io.walrelay.replication.Lsn;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code + - * / % ^} and the operators on bits.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-math.html">Mathematical Functions and Operators</a>
 */
final class Arithmetic {
    private static final Body ROUND = (c, a) -> Math.rint((Double) of(a, 0));
    private static final Map<String, Operator> OPERATORS = new HashMap<>();

    private record Operator(PgType left, PgType right, PgType result, Body body) {}

    static {
        define("+ numeric numeric numeric", (c, a) -> number(a, 0).add(number(a, 1)));
        define("- numeric numeric numeric", (c, a) -> number(a, 0).subtract(number(a, 1)));
        define("* numeric numeric numeric", (c, a) -> number(a, 0).multiply(number(a, 1)));
        define("/ numeric numeric numeric", (c, a) -> MathFunctions.quotient(number(a, 0), number(a, 1)));
        define("% numeric numeric numeric", (c, a) -> MathFunctions.remainder(number(a, 0), number(a, 1)));
        define("^ float8 float8 float8", (c, a) -> Math.pow((Double) of(a, 0), (Double) of(a, 1)));
        define("& int8 int8 int8", (c, a) -> (Long) of(a, 0) & (Long) of(a, 1));
        define("| int8 int8 int8", (c, a) -> (Long) of(a, 0) | (Long) of(a, 1));
        define("# int8 int8 int8", (c, a) -> (Long) of(a, 0) ^ (Long) of(a, 1));
        define("<< int8 int4 int8", (c, a) -> (Long) of(a, 0) << (Integer) of(a, 1));
        define(">> int8 int4 int8", (c, a) -> (Long) of(a, 0) >> (Integer) of(a, 1));
        define("- pg_lsn pg_lsn numeric", (c, a) -> WalArithmetic.difference((Lsn) of(a, 0), (Lsn) of(a, 1)));
        define("+ pg_lsn numeric pg_lsn", (c, a) -> WalArithmetic.plus((Lsn) of(a, 0), number(a, 1)));
        define("+ numeric pg_lsn pg_lsn", (c, a) -> WalArithmetic.plus((Lsn) of(a, 1), number(a, 0)));
        define(
                "- pg_lsn numeric pg_lsn",
                (c, a) -> WalArithmetic.plus((Lsn) of(a, 0), number(a, 1).negate()));
        define(
                "- timestamptz timestamptz interval",
                (c, a) -> Duration.between((OffsetDateTime) of(a, 1), (OffsetDateTime) of(a, 0)));
        define(
                "- timestamp timestamp interval",
                (c, a) -> Duration.between((LocalDateTime) of(a, 1), (LocalDateTime) of(a, 0)));
        define("+ timestamptz interval timestamptz", (c, a) -> ((OffsetDateTime) of(a, 0)).plus((Duration) of(a, 1)));
        define("- timestamptz interval timestamptz", (c, a) -> ((OffsetDateTime) of(a, 0)).minus((Duration) of(a, 1)));
        define("+ interval timestamptz timestamptz", (c, a) -> ((OffsetDateTime) of(a, 1)).plus((Duration) of(a, 0)));
        define("+ timestamp interval timestamp", (c, a) -> ((LocalDateTime) of(a, 0)).plus((Duration) of(a, 1)));
        define("- timestamp interval timestamp", (c, a) -> ((LocalDateTime) of(a, 0)).minus((Duration) of(a, 1)));
        define("+ interval interval interval", (c, a) -> ((Duration) of(a, 0)).plus((Duration) of(a, 1)));
        define("- interval interval interval", (c, a) -> ((Duration) of(a, 0)).minus((Duration) of(a, 1)));
        define("* interval float8 interval", (c, a) -> scaled((Duration) of(a, 0), (Double) of(a, 1)));
        define("* float8 interval interval", (c, a) -> scaled((Duration) of(a, 1), (Double) of(a, 0)));
        define("/ interval float8 interval", (c, a) -> scaled((Duration) of(a, 0), 1 / (Double) of(a, 1)));
        define("- date date int4", (c, a) -> (int) ChronoUnit.DAYS.between((LocalDate) of(a, 1), (LocalDate) of(a, 0)));
        define("+ date int4 date", (c, a) -> ((LocalDate) of(a, 0)).plusDays((Integer) of(a, 1)));
        define("- date int4 date", (c, a) -> ((LocalDate) of(a, 0)).minusDays((Integer) of(a, 1)));
    }

    private final Translation translation;
    private final Coercion coercion;

    Arithmetic(Translation translation, Coercion coercion) {
        this.translation = translation;
        this.coercion = coercion;
    }

    private static void define(String signature, Body body) {
        String[] words = signature.split(" ", -1);
        OPERATORS.put(
                words[0] + " " + words[1] + " " + words[2],
                new Operator(PgTypes.of(words[1]), PgTypes.of(words[2]), PgTypes.of(words[3]), body));
    }

    private static Object of(@Nullable Object[] arguments, int index) {
        return Objects.requireNonNull(arguments[index]);
    }

    private static BigDecimal number(@Nullable Object[] arguments, int index) {
        return (BigDecimal) of(arguments, index);
    }

    private static Duration scaled(Duration interval, double factor) {
        double micros = (interval.getSeconds() * 1e6 + interval.getNano() / 1e3) * factor;
        if (!(Math.abs(micros) < 9e18)) {
            throw io.walrelay.wire.error.PgException.error(
                    io.walrelay.wire.error.SqlState.of("22008"), "interval out of range");
        }
        long whole = Math.round(micros);
        return Duration.ofSeconds(Math.floorDiv(whole, 1_000_000L), Math.floorMod(whole, 1_000_000L) * 1000);
    }

    /** A float8 without its fraction. */
    static Typed rounded(Translation translation, Typed value) {
        return translation.call(value.at(), "rint", ROUND, PgTypes.FLOAT8, value);
    }

    /** The sum, difference, ..., if there is such an operator. */
    Optional<Typed> binary(int at, String operator, Typed left, Typed right) {
        PgType leftType = left.isUnknown() ? right.type() : left.type();
        PgType rightType = right.isUnknown() ? otherSide(operator, left.type()) : right.type();
        if (leftType.isNumber() && rightType.isNumber() && !leftType.isReg() && !rightType.isReg()) {
            return numbers(at, operator, coercion.cast(left, leftType), coercion.cast(right, rightType));
        }
        return exact(operator, leftType, rightType)
                .map(found -> translation.call(
                        at,
                        operator,
                        found.body(),
                        found.result(),
                        coercion.cast(left, found.left()),
                        coercion.cast(right, found.right())));
    }

    /** The unknown right side of {@code timestamptz - '1 hour'} is an interval for some, a timestamp for others. */
    private static PgType otherSide(String operator, PgType left) {
        boolean time = left.equals(PgTypes.TIMESTAMPTZ) || left.equals(PgTypes.TIMESTAMP);
        return time && operator.equals("+") ? PgTypes.INTERVAL : left;
    }

    private static Optional<Operator> exact(String operator, PgType left, PgType right) {
        Operator found = OPERATORS.get(operator + " " + left.name() + " " + right.name());
        if (found != null) {
            return Optional.of(found);
        }
        return OPERATORS.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(operator + " "))
                .map(Map.Entry::getValue)
                .filter(candidate -> Coercion.isImplicit(left, candidate.left())
                        && Coercion.isImplicit(right, candidate.right())
                        && (left.isNumber()
                                || left.equals(candidate.left())
                                || !candidate.left().isNumber()))
                .min(java.util.Comparator.comparingInt(
                        candidate -> (candidate.left().equals(left) ? 0 : 1)
                                + (candidate.right().equals(right) ? 0 : 1)));
    }

    private Optional<Typed> numbers(int at, String operator, Typed left, Typed right) {
        PgType type = Coercion.common(left.type(), right.type()).orElse(PgTypes.FLOAT8);
        boolean bits = "&|#<<>>".contains(operator) && !operator.equals("<") && !operator.equals(">");
        if (bits) {
            return exact(operator, PgTypes.INT8, operator.length() == 2 ? PgTypes.INT4 : PgTypes.INT8)
                    .map(found -> coercion.cast(
                            translation.call(
                                    at,
                                    operator,
                                    found.body(),
                                    found.result(),
                                    coercion.cast(left, found.left()),
                                    coercion.cast(right, found.right())),
                            left.type()));
        }
        if (operator.equals("^") || !"+-*/%".contains(operator) || operator.length() != 1) {
            return exact(operator, PgTypes.FLOAT8, PgTypes.FLOAT8)
                    .map(found -> translation.call(
                            at,
                            operator,
                            found.body(),
                            found.result(),
                            coercion.cast(left, PgTypes.FLOAT8),
                            coercion.cast(right, PgTypes.FLOAT8)));
        }
        if (type.storage() == Storage.NUMERIC) {
            Operator found = Objects.requireNonNull(OPERATORS.get(operator + " numeric numeric"));
            return Optional.of(translation.call(
                    at,
                    operator,
                    found.body(),
                    found.result(),
                    coercion.cast(left, PgTypes.NUMERIC),
                    coercion.cast(right, PgTypes.NUMERIC)));
        }
        if (operator.equals("%") && !isInteger(type)) {
            return Optional.empty();
        }
        PgType result = type.equals(PgTypes.OID) ? PgTypes.INT8 : type;
        String sql = "(" + coercion.cast(left, type).sql() + " " + operator + " "
                + coercion.cast(right, type).sql() + ")";
        return Optional.of(Typed.of(at, "CAST(" + sql + " AS " + result.sql() + ")", result));
    }

    private static boolean isInteger(PgType type) {
        return type.storage() == Storage.INT2 || type.storage() == Storage.INT4 || type.storage() == Storage.INT8;
    }

    /** Minus. */
    Typed negated(int at, Typed value) {
        Typed operand = value.isUnknown() ? coercion.cast(value, PgTypes.FLOAT8) : value;
        if (operand.type().storage() == Storage.NUMERIC) {
            return binary(at, "-", Typed.of(at, "(0)", PgTypes.NUMERIC), operand)
                    .orElseThrow();
        }
        return Typed.of(at, "(-" + operand.sql() + ")", operand.type());
    }
}
