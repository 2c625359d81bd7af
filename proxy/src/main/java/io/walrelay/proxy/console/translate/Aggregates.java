package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.function.MathFunctions;
import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.proxy.console.type.Storage;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Aggregates and window functions, which are the engine's own.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-aggregate.html">Aggregate Functions</a>
 */
final class Aggregates {
    private static final Set<String> AGGREGATES = Set.of(
            "count",
            "sum",
            "avg",
            "min",
            "max",
            "bool_and",
            "bool_or",
            "every",
            "string_agg",
            "array_agg",
            "stddev",
            "stddev_samp",
            "stddev_pop",
            "variance",
            "var_samp",
            "var_pop",
            "bit_and",
            "bit_or");

    private static final Set<String> WINDOW = Set.of(
            "row_number",
            "rank",
            "dense_rank",
            "percent_rank",
            "cume_dist",
            "ntile",
            "lag",
            "lead",
            "first_value",
            "last_value",
            "nth_value");

    private static final Body MEAN =
            (c, a) -> MathFunctions.quotient(number(a[0]), BigDecimal.valueOf((Long) Objects.requireNonNull(a[1])));
    private static final Body MEAN_INTERVAL = (c, a) ->
            ((java.time.Duration) Objects.requireNonNull(a[0])).dividedBy((Long) Objects.requireNonNull(a[1]));

    private final Translation translation;
    private final Coercion coercion;

    Aggregates(Translation translation, Coercion coercion) {
        this.translation = translation;
        this.coercion = coercion;
    }

    private static BigDecimal number(@org.jspecify.annotations.Nullable Object value) {
        return (BigDecimal) Objects.requireNonNull(value);
    }

    /** Whether it is called by the name of an aggregate: before OVER, that is a window function. */
    static boolean isAggregate(Expr.Call call) {
        return isBuiltIn(call) && AGGREGATES.contains(call.name());
    }

    /** Whether it is called by the name of a function that is nothing but a window function. */
    static boolean isWindow(Expr.Call call) {
        return isBuiltIn(call) && WINDOW.contains(call.name());
    }

    private static boolean isBuiltIn(Expr.Call call) {
        return call.names().size() == 1 || call.names().getFirst().equals("pg_catalog");
    }

    /**
     * An aggregate.
     *
     * @param tail what follows the parentheses: FILTER, OVER
     * @param order ORDER BY of the arguments, empty or with a blank before it
     */
    Typed aggregate(Expr.Call call, List<Typed> arguments, String order, UnaryOperator<String> tail) {
        String name = call.name();
        int at = call.at();
        if (name.equals("count")) {
            String counted = call.star()
                    ? "*"
                    : distinct(call) + coercion.known(first(call, arguments)).sql();
            return Typed.of(at, tail.apply("COUNT(" + counted + ")"), PgTypes.INT8);
        }
        Typed argument = first(call, arguments);
        return switch (name) {
            case "sum" -> sum(call, argument, tail);
            case "avg" -> average(call, argument, tail);
            case "min", "max" -> {
                Typed value = coercion.known(argument);
                yield Typed.of(at, tail.apply(name + "(" + value.sql() + ")"), value.type());
            }
            case "bool_and", "every", "bool_or" -> {
                String function = name.equals("bool_or") ? "ANY" : "EVERY";
                yield Typed.of(
                        at,
                        tail.apply(function + "("
                                + coercion.condition(argument, name).sql() + ")"),
                        PgTypes.BOOL);
            }
            case "string_agg" -> {
                String text = coercion.cast(argument, PgTypes.TEXT).sql();
                String separator = coercion.cast(arguments.get(1), PgTypes.TEXT).sql();
                String within = order.isEmpty() ? "" : " WITHIN GROUP (" + order.strip() + ")";
                yield Typed.of(
                        at,
                        tail.apply("LISTAGG(" + distinct(call) + text + ", " + separator + ")" + within),
                        PgTypes.TEXT);
            }
            case "array_agg" -> {
                Typed value = coercion.known(argument);
                yield Typed.of(
                        at,
                        tail.apply("ARRAY_AGG(" + distinct(call) + value.sql() + order + ")"),
                        PgTypes.arrayOf(value.type()));
            }
            case "bit_and", "bit_or" ->
                Typed.of(
                        at,
                        tail.apply(name.toUpperCase(java.util.Locale.ROOT) + "_AGG(" + argument.sql() + ")"),
                        argument.type());
            default -> {
                String function = name.equals("stddev") ? "STDDEV_SAMP" : name.equals("variance") ? "VAR_SAMP" : name;
                String value = coercion.cast(argument, PgTypes.FLOAT8).sql();
                yield Typed.of(at, tail.apply(function + "(" + distinct(call) + value + ")"), PgTypes.FLOAT8);
            }
        };
    }

    private Typed first(Expr.Call call, List<Typed> arguments) {
        boolean two = call.name().equals("string_agg");
        if (arguments.size() != (two ? 2 : 1)) {
            throw translation
                    .error(call.at(), Operators.UNDEFINED_FUNCTION, "function " + call.name() + "() does not exist")
                    .withHint("No function matches the given name and argument types."
                            + " You might need to add explicit type casts.");
        }
        return arguments.get(0);
    }

    private static String distinct(Expr.Call call) {
        return call.distinct() ? "DISTINCT " : "";
    }

    private Typed sum(Expr.Call call, Typed argument, UnaryOperator<String> tail) {
        PgType result = switch (argument.type().storage()) {
            case INT2, INT4 -> PgTypes.INT8;
            case INT8, NUMERIC -> PgTypes.NUMERIC;
            case FLOAT4 -> PgTypes.FLOAT4;
            case FLOAT8 -> PgTypes.FLOAT8;
            case INTERVAL -> PgTypes.INTERVAL;
            default -> throw undefined(call, argument);
        };
        String sum = tail.apply("SUM(" + distinct(call) + argument.sql() + ")");
        boolean exact = result.storage() == Storage.NUMERIC;
        return Typed.of(call.at(), exact ? sum : "CAST(" + sum + " AS " + result.sql() + ")", result);
    }

    private Typed average(Expr.Call call, Typed argument, UnaryOperator<String> tail) {
        Storage storage = argument.type().storage();
        if (storage == Storage.FLOAT8 || storage == Storage.FLOAT4) {
            String sql = tail.apply("AVG(" + distinct(call) + argument.sql() + ")");
            return Typed.of(call.at(), "CAST(" + sql + " AS DOUBLE PRECISION)", PgTypes.FLOAT8);
        }
        boolean interval = storage == Storage.INTERVAL;
        Typed sum = sum(call, argument, tail);
        Typed exact = interval ? sum : coercion.cast(sum, PgTypes.NUMERIC);
        Typed count = Typed.of(call.at(), tail.apply("COUNT(" + distinct(call) + argument.sql() + ")"), PgTypes.INT8);
        return translation.call(
                call.at(),
                "avg",
                interval ? MEAN_INTERVAL : MEAN,
                interval ? PgTypes.INTERVAL : PgTypes.NUMERIC,
                exact,
                count);
    }

    private RuntimeException undefined(Expr.Call call, Typed argument) {
        return translation
                .error(
                        call.at(),
                        Operators.UNDEFINED_FUNCTION,
                        "function " + call.name() + "(" + argument.type().sqlName() + ") does not exist")
                .withHint("No function matches the given name and argument types."
                        + " You might need to add explicit type casts.");
    }

    /** A function that is only there with OVER. */
    Typed window(Expr.Call call, List<Typed> arguments, UnaryOperator<String> tail) {
        StringBuilder list = new StringBuilder();
        PgType type = PgTypes.INT8;
        for (int i = 0; i < arguments.size(); i++) {
            Typed argument = coercion.known(arguments.get(i));
            list.append(i == 0 ? "" : ", ").append(argument.sql());
            type = i == 0 ? argument.type() : type;
        }
        PgType result = switch (call.name()) {
            case "row_number", "rank", "dense_rank" -> PgTypes.INT8;
            case "percent_rank", "cume_dist" -> PgTypes.FLOAT8;
            case "ntile" -> PgTypes.INT4;
            default -> type;
        };
        return Typed.of(call.at(), tail.apply(call.name() + "(" + list + ")"), result);
    }
}
