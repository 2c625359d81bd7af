package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Value expressions. */
final class ExpressionTranslator {
    private final Translation translation;
    private final QueryTranslator queries;
    private final Coercion coercion;
    private final Operators operators;
    private final FunctionTranslator functions;
    private final Calls calls;
    private final Comparisons comparisons;
    private final Composites composites;
    private final Columns columns;

    ExpressionTranslator(Translation translation, QueryTranslator queries) {
        this.translation = translation;
        this.queries = queries;
        this.coercion = new Coercion(translation);
        this.operators = new Operators(translation, coercion);
        this.functions = new FunctionTranslator(translation, coercion);
        this.calls = new Calls(translation, this, coercion, operators, functions);
        this.comparisons = new Comparisons(translation, this, queries, coercion, operators);
        this.composites = new Composites(translation, this, coercion, operators);
        this.columns = new Columns(translation);
    }

    Coercion coercion() {
        return coercion;
    }

    FunctionTranslator functions() {
        return functions;
    }

    Columns columns() {
        return columns;
    }

    List<Typed> all(List<Expr> expressions, Scope scope) {
        List<Typed> list = new ArrayList<>();
        for (Expr expression : expressions) {
            list.add(of(expression, scope));
        }
        return list;
    }

    /** A condition in this clause. */
    String condition(Expr expression, Scope scope, String clause) {
        return coercion.condition(of(expression, scope), clause).sql();
    }

    Typed of(Expr expression, Scope scope) {
        return switch (expression) {
            case Expr.Text text -> new Typed(text.at(), "NULL", PgTypes.UNKNOWN, text.value(), 0);
            case Expr.Null none -> new Typed(none.at(), "NULL", PgTypes.UNKNOWN, null, 0);
            case Expr.Truth truth -> Typed.of(truth.at(), truth.value() ? "TRUE" : "FALSE", PgTypes.BOOL);
            case Expr.Numeral number -> number(number);
            case Expr.Parameter parameter -> translation.parameter(parameter.at(), parameter.number());
            case Expr.ColumnRef reference -> {
                Scope.Column column = columns.resolve(reference, scope);
                yield Typed.of(reference.at(), column.sql(), column.type());
            }
            case Expr.Star star ->
                throw translation.error(star.at(), SqlState.SYNTAX_ERROR, "syntax error at or near \"*\"");
            case Expr.Call call -> calls.call(call, scope);
            case Expr.Operation operation -> operation(operation, scope);
            case Expr.Logical logical -> logical(logical, scope);
            case Expr.Not not -> bool(not.at(), "(NOT " + condition(not.operand(), scope, "NOT") + ")");
            case Expr.Is is -> comparisons.is(is, scope);
            case Expr.DistinctFrom distinct -> comparisons.distinct(distinct, scope);
            case Expr.Between between -> comparisons.between(between, scope);
            case Expr.InList in -> comparisons.in(in, scope);
            case Expr.InQuery in -> comparisons.in(in, scope);
            case Expr.QuantifiedQuery quantified -> comparisons.quantified(quantified, scope);
            case Expr.QuantifiedArray quantified -> comparisons.quantified(quantified, scope);
            case Expr.Like like -> comparisons.like(like, scope);
            case Expr.Cast cast -> cast(cast, scope);
            case Expr.Case choice -> composites.choice(choice, scope);
            case Expr.Exists exists ->
                bool(
                        exists.at(),
                        "EXISTS(" + queries.query(exists.query(), scope).sql() + ")");
            case Expr.Scalar scalar -> {
                QueryTranslator.Result result = queries.query(scalar.query(), scope);
                requireOneColumn(scalar.at(), result);
                yield Typed.of(
                        scalar.at(),
                        "(" + result.sql() + ")",
                        result.columns().get(0).type());
            }
            case Expr.ArrayQuery array -> {
                QueryTranslator.Result result = queries.query(array.query(), scope);
                requireOneColumn(array.at(), result);
                PgType type = PgTypes.arrayOf(result.columns().get(0).type());
                yield Typed.of(array.at(), "CAST(ARRAY(" + result.sql() + ") AS " + type.sql() + ")", type);
            }
            case Expr.ArrayOf array -> composites.array(array, scope);
            case Expr.Row row -> row.fields().size() == 1 ? of(row.fields().get(0), scope) : unsupportedRow(row);
            case Expr.Subscript subscript -> composites.subscript(subscript, scope);
            case Expr.Field field -> composites.field(field, scope);
            case Expr.AtTimeZone zone ->
                calls.call(new Expr.Call(zone.at(), "timezone", List.of(zone.zone(), zone.operand())), scope);
        };
    }

    private Typed unsupportedRow(Expr.Row row) {
        throw translation.unsupported(row.at(), "a row as a value is");
    }

    static Typed bool(int at, String sql) {
        return Typed.of(at, sql, PgTypes.BOOL);
    }

    private void requireOneColumn(int at, QueryTranslator.Result result) {
        if (result.columns().size() != 1) {
            throw translation.error(at, SqlState.SYNTAX_ERROR, "subquery must return only one column");
        }
    }

    private Typed number(Expr.Numeral number) {
        BigDecimal value = (BigDecimal) translation.input().read(PgTypes.NUMERIC, number.text());
        boolean whole = number.text().chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
        if (whole && value.toBigInteger().bitLength() <= 31) {
            return Typed.of(number.at(), "CAST(" + value + " AS INTEGER)", PgTypes.INT4);
        }
        return Typed.of(number.at(), "(" + value.toPlainString() + ")", PgTypes.NUMERIC);
    }

    private Typed operation(Expr.Operation operation, Scope scope) {
        Typed right = of(operation.right(), scope);
        Optional<Typed> left = operation.left().map(expression -> of(expression, scope));
        return left.isPresent()
                ? operators.binary(operation.at(), operation.operator(), left.get(), right)
                : operators.prefix(operation.at(), operation.operator(), right);
    }

    private Typed logical(Expr.Logical logical, Scope scope) {
        String word = logical.and() ? " AND " : " OR ";
        StringBuilder sql = new StringBuilder("(");
        for (Expr part : logical.parts()) {
            sql.append(sql.length() > 1 ? word : "").append(condition(part, scope, word.strip()));
        }
        return bool(logical.at(), translation.sized(sql.append(')').toString()));
    }

    private Typed cast(Expr.Cast cast, Scope scope) {
        PgType type = TypeNames.resolve(translation, cast.type());
        // An empty array, or one of nulls, gets its type from here.
        if (cast.operand() instanceof Expr.ArrayOf array && type.isArray()) {
            List<Typed> elements = new ArrayList<>();
            for (Typed element : all(array.elements(), scope)) {
                elements.add(coercion.cast(element, type.element().orElseThrow()));
            }
            return composites.arrayOf(cast.at(), elements, type);
        }
        Typed value = coercion.cast(of(cast.operand(), scope), type).at(cast.at());
        return TypeNames.modified(translation, value, cast.type());
    }
}
