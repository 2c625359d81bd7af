package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.sql.ExprParts;
import io.walrelay.proxy.console.sql.Query;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What may stand beside aggregates and GROUP BY ({@code parseCheckAggregates} of parse_agg.c). What a query within the
 * statement takes from the one around it is left to the engine.
 */
final class Grouping {
    private static final SqlState GROUPING_ERROR = SqlState.of("42803");

    /** Comparing has the parts of an expression translated again: so much SQL of them, in characters, is enough. */
    private static final int MOST_COMPARED = 200_000;

    private final Translation translation;
    private final ExpressionTranslator expressions;
    private final Scope scope;

    /** What the rows are grouped by, in the engine's SQL. */
    private final List<String> keys = new ArrayList<>();

    private boolean others;
    private int compared;

    Grouping(Translation translation, ExpressionTranslator expressions, Scope scope) {
        this.translation = translation;
        this.expressions = expressions;
        this.scope = scope;
    }

    /** Refuses aggregates where there can be none yet. @throws PgException 42803 */
    void refuseAggregates(Expr expression, String clause) {
        aggregate(expression).ifPresent(call -> {
            throw translation.error(call.at(), GROUPING_ERROR, "aggregate functions are not allowed in " + clause);
        });
    }

    /** An aggregate in it, but for those of queries within. */
    private static Optional<Expr.Call> aggregate(Expr expression) {
        if (isAggregate(expression)) {
            return Optional.of((Expr.Call) expression);
        }
        return ExprParts.of(expression).stream()
                .map(Grouping::aggregate)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static boolean isAggregate(Expr expression) {
        return expression instanceof Expr.Call call && call.over().isEmpty() && Aggregates.isAggregate(call);
    }

    /** The rows are grouped by this. */
    void by(String sql) {
        keys.add(sql);
        others |= owner(sql).isEmpty();
    }

    /**
     * Checks the select list, ORDER BY and HAVING, if rows are grouped at all.
     *
     * @param order of what is no column of the result
     * @throws PgException 42803
     */
    void check(Query.Select select, List<Expr> order) {
        List<Expr> listed = new ArrayList<>();
        select.targets().forEach(target -> listed.add(target.expression()));
        listed.addAll(order);
        select.having().ifPresent(listed::add);
        boolean grouped = !keys.isEmpty()
                || select.having().isPresent()
                || listed.stream().anyMatch(item -> aggregate(item).isPresent());
        listed.forEach(this::refuseNested);
        if (grouped) {
            listed.forEach(this::check);
        }
    }

    private void refuseNested(Expr expression) {
        for (Expr part : ExprParts.of(expression)) {
            if (isAggregate(expression)) {
                aggregate(part).ifPresent(inner -> {
                    throw translation.error(inner.at(), GROUPING_ERROR, "aggregate function calls cannot be nested");
                });
            }
            refuseNested(part);
        }
    }

    private void check(Expr expression) {
        if (isAggregate(expression)) {
            return;
        }
        if (expression instanceof Expr.Star star) {
            star(star);
        } else if (expression instanceof Expr.ColumnRef reference) {
            column(reference.at(), expressions.columns().resolve(reference, scope));
        } else {
            List<Expr> parts = ExprParts.of(expression);
            if (!parts.isEmpty() && !isKey(expression)) {
                parts.forEach(this::check);
            }
        }
    }

    private boolean isKey(Expr expression) {
        boolean window = expression instanceof Expr.Call call && call.over().isPresent();
        if (!others || window || expression instanceof Expr.Row) {
            return false;
        }
        String sql = expressions.of(expression, scope).sql();
        compared += sql.length();
        if (compared > MOST_COMPARED) {
            throw PgException.error(SqlState.of("54001"), "statement is too complex");
        }
        return keys.contains(sql);
    }

    private void star(Expr.Star star) {
        for (Scope.Table table : scope.tables()) {
            boolean meant =
                    star.qualifier().isEmpty() || star.qualifier().getLast().equals(table.name);
            table.columns.stream()
                    .filter(column -> meant && !column.hidden())
                    .forEach(column -> column(star.at(), column));
        }
    }

    private void column(int at, Scope.Column column) {
        Optional<Scope.Table> owner = owner(column.sql());
        if (owner.isPresent() && !keys.contains(column.sql())) {
            throw translation.error(
                    at,
                    GROUPING_ERROR,
                    "column \"" + owner.get().name + "." + column.name()
                            + "\" must appear in the GROUP BY clause or be used in an aggregate function");
        }
    }

    /** The FROM item of this query that has the column. */
    private Optional<Scope.Table> owner(String sql) {
        return scope.tables().stream()
                .filter(table ->
                        table.columns.stream().anyMatch(known -> known.sql().equals(sql)))
                .findFirst();
    }
}
