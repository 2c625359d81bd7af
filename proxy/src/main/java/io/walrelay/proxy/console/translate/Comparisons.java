package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.sql.Query;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What compares values otherwise than by an operator between two: IS, BETWEEN, IN, ANY, ALL, LIKE. */
final class Comparisons {
    private final Translation translation;
    private final ExpressionTranslator expressions;
    private final QueryTranslator queries;
    private final Coercion coercion;
    private final Operators operators;

    Comparisons(
            Translation translation,
            ExpressionTranslator expressions,
            QueryTranslator queries,
            Coercion coercion,
            Operators operators) {
        this.translation = translation;
        this.expressions = expressions;
        this.queries = queries;
        this.coercion = coercion;
        this.operators = operators;
    }

    Typed is(Expr.Is is, Scope scope) {
        Typed operand = expressions.of(is.operand(), scope);
        String value = is.what().equals("null")
                ? coercion.known(operand).sql()
                : coercion.condition(operand, "IS " + is.what().toUpperCase(Locale.ROOT))
                        .sql();
        return ExpressionTranslator.bool(
                is.at(),
                "(" + value + (is.negated() ? " IS NOT " : " IS ") + is.what().toUpperCase(Locale.ROOT) + ")");
    }

    Typed distinct(Expr.DistinctFrom distinct, Scope scope) {
        List<Typed> sides = operators.comparable(
                distinct.at(), "=", expressions.of(distinct.left(), scope), expressions.of(distinct.right(), scope));
        return ExpressionTranslator.bool(
                distinct.at(),
                "(" + sides.get(0).sql() + (distinct.negated() ? " IS NOT" : " IS") + " DISTINCT FROM "
                        + sides.get(1).sql() + ")");
    }

    Typed between(Expr.Between between, Scope scope) {
        Typed operand = expressions.of(between.operand(), scope);
        Typed low = expressions.of(between.low(), scope);
        Typed high = expressions.of(between.high(), scope);
        String within = within(between.at(), operand, low, high);
        String sql =
                between.symmetric() ? "(" + within + " OR " + within(between.at(), operand, high, low) + ")" : within;
        return ExpressionTranslator.bool(between.at(), between.negated() ? "(NOT " + sql + ")" : sql);
    }

    private String within(int at, Typed operand, Typed low, Typed high) {
        return "(" + operators.binary(at, ">=", operand, low).sql() + " AND "
                + operators.binary(at, "<=", operand, high).sql() + ")";
    }

    Typed in(Expr.InList in, Scope scope) {
        Typed operand = expressions.of(in.operand(), scope);
        List<Typed> values = new ArrayList<>();
        values.add(operand);
        boolean plain = true;
        for (Expr expression : in.values()) {
            Typed value = expressions.of(expression, scope);
            plain &= value.isUnknown() || value.type().equals(operand.type());
            values.add(value);
        }
        if (plain) {
            List<Typed> unified = expressions.functions().unified(in.at(), "IN", values);
            String list = Typed.list(unified.subList(1, unified.size()));
            String all = "(" + unified.get(0).sql() + (in.negated() ? " NOT IN (" : " IN (") + list + "))";
            return ExpressionTranslator.bool(in.at(), translation.sized(all));
        }
        StringBuilder sql = new StringBuilder();
        for (Typed value : values.subList(1, values.size())) {
            sql.append(sql.isEmpty() ? "(" : " OR ")
                    .append(operators.binary(in.at(), "=", operand, value).sql());
        }
        sql.append(')');
        return ExpressionTranslator.bool(
                in.at(), translation.sized(in.negated() ? "(NOT " + sql + ")" : sql.toString()));
    }

    Typed in(Expr.InQuery in, Scope scope) {
        return quantified(in.at(), in.operand(), in.negated() ? "<>" : "=", in.negated(), in.query(), scope);
    }

    Typed quantified(Expr.QuantifiedQuery quantified, Scope scope) {
        return quantified(
                quantified.at(),
                quantified.operand(),
                quantified.operator(),
                quantified.all(),
                quantified.query(),
                scope);
    }

    private Typed quantified(int at, Expr left, String operator, boolean all, Query query, Scope scope) {
        Typed operand = expressions.of(left, scope);
        QueryTranslator.Result result = queries.query(query, scope);
        if (result.columns().size() != 1) {
            throw translation.error(at, SqlState.SYNTAX_ERROR, "subquery has too many columns");
        }
        Typed column = Typed.of(at, "\"c1\"", result.columns().get(0).type());
        List<Typed> sides = operators.comparable(at, operator, operand, column);
        requireComparison(at, operator);
        String rows = sides.get(1).sql().equals(column.sql())
                ? result.sql()
                : "SELECT " + sides.get(1).sql() + " FROM (" + result.sql() + ") " + translation.newAlias();
        return ExpressionTranslator.bool(
                at, "(" + sides.get(0).sql() + " " + operator + (all ? " ALL (" : " ANY (") + rows + "))");
    }

    private void requireComparison(int at, String operator) {
        if (!List.of("=", "<>", "<", ">", "<=", ">=").contains(operator)) {
            throw translation.unsupported(at, operator + " ANY/ALL is");
        }
    }

    Typed quantified(Expr.QuantifiedArray quantified, Scope scope) {
        int at = quantified.at();
        requireComparison(at, quantified.operator());
        Typed operand = expressions.of(quantified.operand(), scope);
        Typed array = expressions.of(quantified.array(), scope);
        if (array.isUnknown()) {
            array = coercion.cast(array, PgTypes.arrayOf(coercion.known(operand).type()));
        }
        if (!array.type().isArray()) {
            throw translation.error(at, SqlState.of("42809"), "op ANY/ALL (array) requires array on right side");
        }
        PgType element = array.type().element().orElseThrow();
        List<Typed> sides = operators.comparable(at, quantified.operator(), operand, Typed.of(at, "x", element));
        PgType type = sides.get(0).type();
        String list = type.storage() == element.storage()
                ? array.sql()
                : "CAST(" + array.sql() + " AS " + type.sql() + " ARRAY)";
        return ExpressionTranslator.bool(
                at,
                "(" + sides.get(0).sql() + " " + quantified.operator() + (quantified.all() ? " ALL(" : " ANY(") + list
                        + "))");
    }

    Typed like(Expr.Like like, Scope scope) {
        Typed text = expressions.of(like.operand(), scope);
        Typed pattern = expressions.of(like.pattern(), scope);
        Typed result;
        if (like.escape().isPresent()) {
            result = operators.like(
                    like.at(), text, pattern, expressions.of(like.escape().get(), scope), like.insensitive());
        } else {
            result = operators.binary(like.at(), like.insensitive() ? "~~*" : "~~", text, pattern);
        }
        return like.negated() ? ExpressionTranslator.bool(like.at(), "(NOT " + result.sql() + ")") : result;
    }
}
