package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.sql.Query;
import io.walrelay.proxy.console.translate.Translated.OutColumn;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Queries. The engine's columns are called c1, c2, ... whatever the client calls them. */
final class QueryTranslator {
    private final Translation translation;
    private final ExpressionTranslator expressions;
    private final FromTranslator from;
    private final CommonTables commonTables;

    QueryTranslator(Translation translation) {
        this.translation = translation;
        this.expressions = new ExpressionTranslator(translation, this);
        this.from = new FromTranslator(translation, expressions, this);
        this.commonTables = new CommonTables(translation, this);
    }

    /** A query in the engine's SQL, and its columns. */
    record Result(String sql, List<OutColumn> columns) {}

    Result query(Query query, @Nullable Scope parent) {
        Scope scope = new Scope(parent);
        StringBuilder with = new StringBuilder();
        for (Query.Cte cte : query.with()) {
            with.append(commonTables.declare(cte, query.recursive(), scope, with.isEmpty()));
        }
        Body body = body(query.body(), scope, query.order());
        StringBuilder sql = new StringBuilder(with).append(body.sql);
        if (!query.order().isEmpty() && body.scope == null) {
            sql.append(" ORDER BY ").append(ordinals(query.order(), body.columns));
        }
        Scope none = new Scope(parent);
        query.offset()
                .ifPresent(expression -> sql.append(" OFFSET ")
                        .append(count(expression, none, "OFFSET"))
                        .append(" ROWS"));
        query.limit()
                .filter(expression -> !(expression instanceof Expr.Null))
                .ifPresent(expression -> sql.append(" FETCH NEXT ")
                        .append(count(expression, none, "LIMIT"))
                        .append(" ROWS ONLY"));
        return new Result(translation.sized(sql.toString()), body.columns);
    }

    private String count(Expr expression, Scope scope, String clause) {
        Typed value = expressions.of(expression, scope);
        if (!value.isUnknown() && !value.type().isNumber()) {
            throw translation.error(
                    value.at(),
                    Coercion.DATATYPE_MISMATCH,
                    "argument of " + clause + " must be type bigint, not type "
                            + value.type().sqlName());
        }
        if (expression instanceof Expr.Numeral number && number.text().startsWith("-")) {
            String state = clause.equals("LIMIT") ? "2201W" : "2201X";
            throw io.walrelay.wire.error.PgException.error(SqlState.of(state), clause + " must not be negative");
        }
        return expressions.coercion().cast(value, PgTypes.INT8).sql();
    }

    /** ASC puts nulls last, DESC first. */
    static String direction(Expr.SortKey key) {
        boolean first = key.nullsFirst().orElse(key.descending());
        return (key.descending() ? " DESC" : " ASC") + (first ? " NULLS FIRST" : " NULLS LAST");
    }

    /**
     * @param scope that ORDER BY has already been translated in; null where only columns of the result may be sorted by
     */
    private record Body(
            String sql, List<OutColumn> columns, @Nullable Scope scope) {}

    private Body body(Query.Body body, Scope scope, List<Expr.SortKey> order) {
        return switch (body) {
            case Query.Select select -> select(select, scope, order);
            case Query.Values values -> values(values, scope);
            case Query.Nested nested -> {
                Result result = query(nested.query(), scope);
                yield new Body("(" + result.sql() + ")", result.columns(), null);
            }
            case Query.SetOperation operation -> setOperation(operation, scope);
        };
    }

    private Body values(Query.Values values, Scope scope) {
        int width = values.rows().get(0).size();
        List<List<Typed>> columns = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            List<Typed> column = new ArrayList<>();
            for (List<Expr> row : values.rows()) {
                column.add(expressions.of(row.get(i), scope));
            }
            columns.add(expressions.functions().unified(values.at(), "VALUES", column));
        }
        StringBuilder rows = new StringBuilder();
        for (int row = 0; row < values.rows().size(); row++) {
            rows.append(rows.isEmpty() ? "(" : ", (");
            for (int i = 0; i < width; i++) {
                rows.append(i == 0 ? "" : ", ").append(columns.get(i).get(row).sql());
            }
            rows.append(')');
        }
        List<OutColumn> out = new ArrayList<>();
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < width; i++) {
            out.add(new OutColumn(
                    ColumnNames.ofValues(width).get(i), columns.get(i).get(0).type(), 0, 0));
            names.append(i == 0 ? "" : ", ").append("\"c").append(i + 1).append('"');
        }
        String sql = "SELECT * FROM (VALUES " + rows + ") " + translation.newAlias() + "(" + names + ")";
        return new Body(sql, out, null);
    }

    private Body setOperation(Query.SetOperation operation, Scope scope) {
        Body left = body(operation.left(), scope, List.of());
        Body right = body(operation.right(), scope, List.of());
        if (left.columns.size() != right.columns.size()) {
            throw translation.error(
                    operation.at(),
                    SqlState.SYNTAX_ERROR,
                    "each " + operation.operator().toUpperCase(java.util.Locale.ROOT)
                            + " query must have the same number of columns");
        }
        List<OutColumn> columns = new ArrayList<>();
        for (int i = 0; i < left.columns.size(); i++) {
            PgType one = left.columns.get(i).type();
            PgType other = right.columns.get(i).type();
            // Literals have become text by now: they take the type of the other side.
            PgType common = Coercion.common(one, other)
                    .or(() -> other.equals(PgTypes.TEXT) ? Optional.of(one) : Optional.empty())
                    .or(() -> one.equals(PgTypes.TEXT) ? Optional.of(other) : Optional.empty())
                    .orElseThrow(() -> expressions
                            .functions()
                            .mismatch(
                                    operation.at(),
                                    operation.operator().toUpperCase(java.util.Locale.ROOT),
                                    one,
                                    other));
            columns.add(new OutColumn(left.columns.get(i).name(), common, 0, 0));
        }
        String word = operation.operator().toUpperCase(java.util.Locale.ROOT) + (operation.all() ? " ALL " : " ");
        if (operation.all() && !operation.operator().equals("union")) {
            throw translation.unsupported(operation.at(), word.strip() + " is");
        }
        return new Body("(" + as(left, columns) + ") " + word + "(" + as(right, columns) + ")", columns, null);
    }

    /** The rows with columns of these types. */
    private String as(Body body, List<OutColumn> columns) {
        StringBuilder list = new StringBuilder();
        boolean same = true;
        for (int i = 0; i < columns.size(); i++) {
            PgType type = body.columns.get(i).type();
            Typed column = Typed.of(0, "\"c" + (i + 1) + "\"", type);
            same &= type.equals(columns.get(i).type());
            list.append(i == 0 ? "" : ", ")
                    .append(expressions
                            .coercion()
                            .cast(column, columns.get(i).type())
                            .sql())
                    .append(" AS \"c")
                    .append(i + 1)
                    .append('"');
        }
        return same ? body.sql : "SELECT " + list + " FROM (" + body.sql + ") " + translation.newAlias();
    }

    private String ordinals(List<Expr.SortKey> order, List<OutColumn> columns) {
        StringBuilder sql = new StringBuilder();
        for (Expr.SortKey key : order) {
            int ordinal = ordinal(key.expression(), columns)
                    .orElseThrow(() -> translation
                            .error(
                                    key.expression().at(),
                                    SqlState.FEATURE_NOT_SUPPORTED,
                                    "invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
                            .withDetail("Only result column names can be used, not expressions or functions."));
            sql.append(sql.isEmpty() ? "" : ", ").append(ordinal).append(direction(key));
        }
        return sql.toString();
    }

    /** The column of the result that ORDER BY or GROUP BY names by its number or its name, from 1. */
    private Optional<Integer> ordinal(Expr expression, List<OutColumn> columns) {
        if (expression instanceof Expr.Numeral number) {
            int ordinal =
                    number.text().length() > 4 || number.text().contains(".") ? 0 : Integer.parseInt(number.text());
            if (ordinal < 1 || ordinal > columns.size()) {
                throw translation.error(
                        number.at(),
                        SqlState.of("42P10"),
                        "ORDER BY position " + number.text() + " is not in select list");
            }
            return Optional.of(ordinal);
        }
        if (expression instanceof Expr.ColumnRef reference && reference.names().size() == 1) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).name().equals(reference.names().get(0))) {
                    return Optional.of(i + 1);
                }
            }
        }
        return Optional.empty();
    }

    private Body select(Query.Select select, Scope outer, List<Expr.SortKey> order) {
        Scope scope = new Scope(outer);
        scope.windows(select.windows());
        Grouping grouping = new Grouping(translation, expressions, scope);
        select.where().ifPresent(condition -> grouping.refuseAggregates(condition, "WHERE"));
        select.groupBy().forEach(item -> grouping.refuseAggregates(item, "GROUP BY"));
        StringBuilder fromSql = new StringBuilder(from.translate(select.from(), scope));
        Targets targets = new Targets(translation, expressions, from).of(select, scope);
        targets.hoisted()
                .forEach(item ->
                        fromSql.append(fromSql.isEmpty() ? "" : " CROSS JOIN ").append(item));
        StringBuilder sql = new StringBuilder("SELECT ");
        if (select.distinct()) {
            sql.append("DISTINCT ");
            if (!select.distinctOn().isEmpty()) {
                sql.append("ON (")
                        .append(keys(select.distinctOn(), targets, scope, key -> {}))
                        .append(") ");
            }
        }
        sql.append(targets.sql());
        if (!fromSql.isEmpty()) {
            sql.append(" FROM ").append(fromSql);
        }
        StringBuilder where = new StringBuilder();
        for (String condition : from.takeConditions()) {
            where.append(where.isEmpty() ? " WHERE " : " AND ").append(condition);
        }
        select.where()
                .ifPresent(expression -> where.append(where.isEmpty() ? " WHERE " : " AND ")
                        .append(expressions.condition(expression, scope, "WHERE")));
        sql.append(where);
        if (!select.groupBy().isEmpty()) {
            sql.append(" GROUP BY ").append(keys(select.groupBy(), targets, scope, grouping::by));
        }
        select.having()
                .ifPresent(expression ->
                        sql.append(" HAVING ").append(expressions.condition(expression, scope, "HAVING")));
        grouping.check(
                select,
                order.stream()
                        .map(Expr.SortKey::expression)
                        .filter(key -> ordinal(key, targets.columns()).isEmpty())
                        .toList());
        if (!order.isEmpty()) {
            sql.append(" ORDER BY ").append(sorting(order, targets, scope, select.distinct()));
        }
        return new Body(translation.sized(sql.toString()), targets.columns(), scope);
    }

    /** The items of GROUP BY: an input column of that name comes before an output column. */
    private String keys(List<Expr> items, Targets targets, Scope scope, Consumer<String> told) {
        StringBuilder sql = new StringBuilder();
        for (Expr item : items) {
            boolean input = item instanceof Expr.ColumnRef reference
                    && reference.names().size() == 1
                    && expressions
                            .columns()
                            .find(reference.names().get(0), scope)
                            .isPresent();
            String value = input
                    ? expressions.of(item, scope).sql()
                    : ordinal(item, targets.columns())
                            .map(targets::expression)
                            .orElseGet(() -> expressions
                                    .coercion()
                                    .known(expressions.of(item, scope))
                                    .sql());
            told.accept(value);
            sql.append(sql.isEmpty() ? "" : ", ").append(value);
        }
        return sql.toString();
    }

    /** The items of ORDER BY: an output column comes before an input column of that name. */
    private String sorting(List<Expr.SortKey> keys, Targets targets, Scope scope, boolean distinct) {
        StringBuilder sql = new StringBuilder();
        for (Expr.SortKey key : keys) {
            Optional<Integer> ordinal = ordinal(key.expression(), targets.columns());
            String value = ordinal.isPresent()
                    ? ordinal.get().toString()
                    : expressions
                            .coercion()
                            .known(expressions.of(key.expression(), scope))
                            .sql();
            int same = targets.indexOf(value);
            if (ordinal.isEmpty() && same >= 0) {
                value = Integer.toString(same + 1);
            } else if (ordinal.isEmpty() && distinct) {
                throw translation.error(
                        key.expression().at(),
                        SqlState.of("42P10"),
                        "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
            }
            sql.append(sql.isEmpty() ? "" : ", ").append(value).append(direction(key));
        }
        return sql.toString();
    }
}
