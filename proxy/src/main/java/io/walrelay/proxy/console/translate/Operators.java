package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.function.Patterns;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Operators other than those of arithmetic, and which of them a pair of types means. */
final class Operators {
    static final SqlState UNDEFINED_FUNCTION = SqlState.of("42883");
    private static final Set<String> COMPARISONS = Set.of("=", "<>", "<", ">", "<=", ">=");

    private static final Body MATCHES = (c, a) -> Patterns.found(c, text(a, 0), text(a, 1), false);
    private static final Body MATCHES_CASELESS = (c, a) -> Patterns.found(c, text(a, 0), text(a, 1), true);
    private static final Body LIKE = (c, a) -> Patterns.like(c, text(a, 0), text(a, 1), escape(a), false);
    private static final Body ILIKE = (c, a) -> Patterns.like(c, text(a, 0), text(a, 1), escape(a), true);
    private static final Body CONTAINS = (c, a) -> list(a, 0).containsAll(list(a, 1));
    private static final Body OVERLAPS = (c, a) -> !Collections.disjoint(list(a, 0), list(a, 1));

    private final Translation translation;
    private final Coercion coercion;
    private final Arithmetic arithmetic;

    Operators(Translation translation, Coercion coercion) {
        this.translation = translation;
        this.coercion = coercion;
        this.arithmetic = new Arithmetic(translation, coercion);
    }

    private static String text(@Nullable Object[] arguments, int index) {
        return String.valueOf(arguments[index]);
    }

    private static char escape(@Nullable Object[] arguments) {
        if (arguments.length < 3) {
            return '\\';
        }
        String escape = text(arguments, 2);
        if (escape.length() > 1) {
            throw PgException.error(SqlState.of("22025"), "invalid escape string")
                    .withHint("Escape string must be empty or one character.");
        }
        return escape.isEmpty() ? '\0' : escape.charAt(0);
    }

    private static List<?> list(@Nullable Object[] arguments, int index) {
        return (List<?>) Objects.requireNonNull(arguments[index]);
    }

    /** A binary operator. @throws PgException 42883 */
    Typed binary(int at, String operator, Typed left, Typed right) {
        if (COMPARISONS.contains(operator)) {
            return comparison(at, operator, left, right);
        }
        Optional<Typed> result = switch (operator) {
            case "||" -> concatenation(at, left, right);
            case "~", "!~" -> match(at, operator, MATCHES, left, right);
            case "~*", "!~*" -> match(at, operator, MATCHES_CASELESS, left, right);
            case "~~", "!~~" -> match(at, operator, LIKE, left, right);
            case "~~*", "!~~*" -> match(at, operator, ILIKE, left, right);
            case "@>" -> arrays(at, operator, CONTAINS, left, right);
            case "<@" -> arrays(at, operator, CONTAINS, right, left);
            case "&&" -> arrays(at, operator, OVERLAPS, left, right);
            default -> arithmetic.binary(at, operator, left, right);
        };
        return result.orElseThrow(() -> undefined(at, operator, left, right));
    }

    private PgException undefined(int at, String operator, Typed left, Typed right) {
        return translation
                .error(
                        at,
                        UNDEFINED_FUNCTION,
                        "operator does not exist: " + left.type().sqlName() + " " + operator + " "
                                + right.type().sqlName())
                .withHint("No operator matches the given name and argument types."
                        + " You might need to add explicit type casts.");
    }

    /** A prefix operator. @throws PgException 42883 */
    Typed prefix(int at, String operator, Typed operand) {
        boolean number = operand.isUnknown()
                || operand.type().isNumber()
                || operand.type().equals(PgTypes.INTERVAL);
        if (number && operator.equals("-")) {
            return arithmetic.negated(at, operand);
        }
        if (number && operator.equals("+")) {
            return operand;
        }
        if (number && operator.equals("~")) {
            return arithmetic.negated(
                    at,
                    arithmetic
                            .binary(at, "+", operand, Typed.of(at, "1", PgTypes.INT4))
                            .orElseThrow());
        }
        if (number && operator.equals("@")) {
            return Typed.of(at, "ABS(" + operand.sql() + ")", operand.type());
        }
        throw translation.error(
                at,
                UNDEFINED_FUNCTION,
                "operator does not exist: " + operator + " " + operand.type().sqlName());
    }

    /** Both sides as values of one type that can be compared. @throws PgException 42883 */
    List<Typed> comparable(int at, String operator, Typed left, Typed right) {
        PgType type = Coercion.common(left.type(), right.type())
                .or(() -> mixed(left.type(), right.type()))
                .orElseThrow(() -> undefined(at, operator, left, right));
        PgType known = type.equals(PgTypes.UNKNOWN) ? PgTypes.TEXT : type;
        return List.of(coercion.cast(left, known), coercion.cast(right, known));
    }

    /** Numbers of any two types are compared, and the string-like types among themselves. */
    private static Optional<PgType> mixed(PgType left, PgType right) {
        // Oids and int8 are kept in the same way.
        return left.isNumber() && right.isNumber() ? Optional.of(PgTypes.INT8) : Optional.empty();
    }

    private Typed comparison(int at, String operator, Typed left, Typed right) {
        List<Typed> sides = comparable(at, operator, left, right);
        String sql =
                "(" + sides.get(0).sql() + " " + operator + " " + sides.get(1).sql() + ")";
        return Typed.of(at, translation.sized(sql), PgTypes.BOOL);
    }

    private Optional<Typed> match(int at, String operator, Body body, Typed left, Typed right) {
        boolean texts = isText(left) && isText(right);
        if (!texts) {
            return Optional.empty();
        }
        Typed call = translation.call(
                at,
                operator,
                body,
                PgTypes.BOOL,
                coercion.cast(left, PgTypes.TEXT),
                coercion.cast(right, PgTypes.TEXT));
        return Optional.of(operator.startsWith("!") ? Typed.of(at, "(NOT " + call.sql() + ")", PgTypes.BOOL) : call);
    }

    private static boolean isText(Typed value) {
        return value.isUnknown() || value.type().isString();
    }

    /** LIKE with an escape character. */
    Typed like(int at, Typed text, Typed pattern, Typed escape, boolean insensitive) {
        return translation.call(
                at,
                "like",
                insensitive ? ILIKE : LIKE,
                PgTypes.BOOL,
                coercion.cast(text, PgTypes.TEXT),
                coercion.cast(pattern, PgTypes.TEXT),
                coercion.cast(escape, PgTypes.TEXT));
    }

    private Optional<Typed> arrays(int at, String operator, Body body, Typed left, Typed right) {
        boolean arrays = (left.type().isArray() || left.isUnknown())
                && (right.type().isArray() || right.isUnknown())
                && !(left.isUnknown() && right.isUnknown());
        if (!arrays) {
            return Optional.empty();
        }
        List<Typed> sides = comparable(at, operator, left, right);
        return Optional.of(translation.call(at, operator, body, PgTypes.BOOL, sides.get(0), sides.get(1)));
    }

    private Optional<Typed> concatenation(int at, Typed left, Typed right) {
        if (left.type().isArray() || right.type().isArray()) {
            return arrayConcatenation(at, left, right);
        }
        boolean text = isText(left) || isText(right);
        if (!text) {
            return Optional.empty();
        }
        String sql = "(" + coercion.cast(left, PgTypes.TEXT).sql() + " || "
                + coercion.cast(right, PgTypes.TEXT).sql() + ")";
        return Optional.of(Typed.of(at, translation.sized(sql), PgTypes.TEXT));
    }

    private Optional<Typed> arrayConcatenation(int at, Typed left, Typed right) {
        PgType array = left.type().isArray() ? left.type() : right.type();
        String sql = "(" + asArray(left, array) + " || " + asArray(right, array) + ")";
        return Optional.of(Typed.of(at, translation.sized(sql), array));
    }

    private String asArray(Typed side, PgType array) {
        if (side.type().isArray() || side.isUnknown()) {
            return "COALESCE(" + coercion.cast(side, array).sql() + ", " + Literals.of(List.of(), array) + ")";
        }
        return "ARRAY[" + coercion.cast(side, array.element().orElseThrow()).sql() + "]";
    }
}
