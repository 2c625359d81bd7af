package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.SqlState;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Calls: of aggregates, window functions, what only looks like a function, and functions. */
final class Calls {
    private static final Body TYPE_OF = (context, arguments) -> arguments[0];

    private final Translation translation;
    private final ExpressionTranslator expressions;
    private final Coercion coercion;
    private final Operators operators;
    private final FunctionTranslator functions;
    private final Aggregates aggregates;

    Calls(
            Translation translation,
            ExpressionTranslator expressions,
            Coercion coercion,
            Operators operators,
            FunctionTranslator functions) {
        this.translation = translation;
        this.expressions = expressions;
        this.coercion = coercion;
        this.operators = operators;
        this.functions = functions;
        this.aggregates = new Aggregates(translation, coercion);
    }

    Typed call(Expr.Call call, Scope scope) {
        String name = call.name();
        if (Aggregates.isAggregate(call)) {
            return aggregates.aggregate(
                    call, expressions.all(call.arguments(), scope), order(call, scope), tail(call, scope));
        }
        if (Aggregates.isWindow(call)) {
            if (call.over().isEmpty()) {
                throw functions.misplaced(call.at(), "window function " + name + " requires an OVER clause");
            }
            return aggregates.window(call, expressions.all(call.arguments(), scope), tail(call, scope));
        }
        if (call.over().isPresent() || call.filter().isPresent() || call.star() || call.distinct()) {
            throw functions.misplaced(call.at(), name + " is not an aggregate function");
        }
        List<Typed> arguments = expressions.all(call.arguments(), scope);
        return switch (name) {
            case "coalesce", "greatest", "least" -> {
                List<Typed> unified = functions.unified(call.at(), name.toUpperCase(Locale.ROOT), arguments);
                yield Typed.of(
                        call.at(),
                        translation.sized(name + "(" + Typed.list(unified) + ")"),
                        unified.get(0).type());
            }
            case "nullif" -> {
                if (arguments.size() != 2) {
                    throw functions.undefined(call, arguments);
                }
                List<Typed> sides = operators.comparable(call.at(), "=", arguments.get(0), arguments.get(1));
                yield Typed.of(
                        call.at(),
                        "NULLIF(" + Typed.list(sides) + ")",
                        sides.get(0).type());
            }
            case "pg_typeof" ->
                translation.call(
                        call.at(),
                        name,
                        TYPE_OF,
                        PgTypes.of("regtype"),
                        Typed.of(
                                call.at(),
                                "CAST("
                                        + coercion.known(arguments.get(0))
                                                .type()
                                                .oid() + " AS BIGINT)",
                                PgTypes.OID));
            case "_pg_expandarray" -> Typed.of(call.at(), "CAST(NULL AS VARCHAR)", PgTypes.RECORD);
            case "variadic" -> throw translation.unsupported(call.at(), "VARIADIC is");
            default -> functions.call(call, arguments);
        };
    }

    private String order(Expr.Call call, Scope scope) {
        return call.order().isEmpty() ? "" : " ORDER BY " + keys(call.order(), scope);
    }

    /** ORDER BY's list. */
    String keys(List<Expr.SortKey> keys, Scope scope) {
        StringBuilder sql = new StringBuilder();
        for (Expr.SortKey key : keys) {
            sql.append(sql.isEmpty() ? "" : ", ")
                    .append(coercion.known(expressions.of(key.expression(), scope))
                            .sql())
                    .append(QueryTranslator.direction(key));
        }
        return sql.toString();
    }

    private UnaryOperator<String> tail(Expr.Call call, Scope scope) {
        String filter = call.filter()
                .map(expression -> " FILTER (WHERE " + expressions.condition(expression, scope, "FILTER") + ")")
                .orElse("");
        String over = call.over()
                .map(window -> " OVER (" + window(call.at(), window, scope) + ")")
                .orElse("");
        return sql -> sql + filter + over;
    }

    private String window(int at, Expr.Window window, Scope scope) {
        Expr.Window base = window.reference()
                .map(name -> Optional.ofNullable(scope.windows().get(name))
                        .orElseThrow(() -> translation.error(
                                at, SqlState.UNDEFINED_OBJECT, "window \"" + name + "\" does not exist")))
                .orElse(window);
        List<Expr> partition = window.partition().isEmpty() ? base.partition() : window.partition();
        List<Expr.SortKey> order = window.order().isEmpty() ? base.order() : window.order();
        String frame = window.frame().isEmpty() ? base.frame() : window.frame();
        StringBuilder sql = new StringBuilder();
        for (Typed value : expressions.all(partition, scope)) {
            sql.append(sql.isEmpty() ? "PARTITION BY " : ", ")
                    .append(coercion.known(value).sql());
        }
        if (!order.isEmpty()) {
            sql.append(" ORDER BY ").append(keys(order, scope));
        }
        return sql.append(frame).toString();
    }
}
