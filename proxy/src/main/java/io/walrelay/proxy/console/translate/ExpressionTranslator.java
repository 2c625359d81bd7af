package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.SqlState;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Value expressions. */
final class ExpressionTranslator {
    private static final Body ELEMENT = (context, arguments) -> {
        List<?> list = (List<?>) Objects.requireNonNull(arguments[0]);
        int index = (Integer) Objects.requireNonNull(arguments[1]);
        return index >= 1 && index <= list.size() ? list.get(index - 1) : null;
    };
    private static final Body TYPE_OF = (context, arguments) -> arguments[0];

    private final Translation translation;
    private final QueryTranslator queries;
    private final Coercion coercion;
    private final Operators operators;
    private final FunctionTranslator functions;
    private final Aggregates aggregates;
    private final Columns columns;

    ExpressionTranslator(Translation translation, QueryTranslator queries) {
        this.translation = translation;
        this.queries = queries;
        this.coercion = new Coercion(translation);
        this.operators = new Operators(translation, coercion);
        this.functions = new FunctionTranslator(translation, coercion);
        this.aggregates = new Aggregates(translation, coercion);
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
            case Expr.Call call -> call(call, scope);
            case Expr.Operation operation -> operation(operation, scope);
            case Expr.Logical logical -> logical(logical, scope);
            case Expr.Not not -> bool(not.at(), "(NOT " + condition(not.operand(), scope, "NOT") + ")");
            case Expr.Is is -> is(is, scope);
            case Expr.DistinctFrom distinct -> {
                List<Typed> sides = operators.comparable(
                        distinct.at(), "=", of(distinct.left(), scope), of(distinct.right(), scope));
                yield bool(
                        distinct.at(),
                        "(" + sides.get(0).sql() + (distinct.negated() ? " IS NOT" : " IS") + " DISTINCT FROM "
                                + sides.get(1).sql() + ")");
            }
            case Expr.Between between -> between(between, scope);
            case Expr.InList in -> in(in, scope);
            case Expr.InQuery in ->
                quantified(in.at(), in.operand(), in.negated() ? "<>" : "=", in.negated(), in.query(), scope);
            case Expr.QuantifiedQuery quantified ->
                quantified(
                        quantified.at(),
                        quantified.operand(),
                        quantified.operator(),
                        quantified.all(),
                        quantified.query(),
                        scope);
            case Expr.QuantifiedArray quantified -> quantified(quantified, scope);
            case Expr.Like like -> like(like, scope);
            case Expr.Cast cast -> cast(cast, scope);
            case Expr.Case choice -> choice(choice, scope);
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
            case Expr.ArrayOf array -> array(array, scope);
            case Expr.Row row -> row.fields().size() == 1 ? of(row.fields().get(0), scope) : unsupportedRow(row);
            case Expr.Subscript subscript -> subscript(subscript, scope);
            case Expr.Field field -> field(field, scope);
            case Expr.AtTimeZone zone ->
                call(new Expr.Call(zone.at(), "timezone", List.of(zone.zone(), zone.operand())), scope);
        };
    }

    private Typed unsupportedRow(Expr.Row row) {
        throw translation.unsupported(row.at(), "a row as a value is");
    }

    private static Typed bool(int at, String sql) {
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

    private Typed is(Expr.Is is, Scope scope) {
        Typed operand = of(is.operand(), scope);
        String value = is.what().equals("null")
                ? coercion.known(operand).sql()
                : coercion.condition(operand, "IS " + is.what().toUpperCase(Locale.ROOT))
                        .sql();
        return bool(
                is.at(),
                "(" + value + (is.negated() ? " IS NOT " : " IS ") + is.what().toUpperCase(Locale.ROOT) + ")");
    }

    private Typed between(Expr.Between between, Scope scope) {
        Typed operand = of(between.operand(), scope);
        Typed low = of(between.low(), scope);
        Typed high = of(between.high(), scope);
        String within = within(between.at(), operand, low, high);
        String sql =
                between.symmetric() ? "(" + within + " OR " + within(between.at(), operand, high, low) + ")" : within;
        return bool(between.at(), between.negated() ? "(NOT " + sql + ")" : sql);
    }

    private String within(int at, Typed operand, Typed low, Typed high) {
        return "(" + operators.binary(at, ">=", operand, low).sql() + " AND "
                + operators.binary(at, "<=", operand, high).sql() + ")";
    }

    private Typed in(Expr.InList in, Scope scope) {
        Typed operand = of(in.operand(), scope);
        List<Typed> values = new ArrayList<>();
        values.add(operand);
        boolean plain = true;
        for (Expr expression : in.values()) {
            Typed value = of(expression, scope);
            plain &= value.isUnknown() || value.type().equals(operand.type());
            values.add(value);
        }
        StringBuilder sql = new StringBuilder();
        if (plain) {
            List<Typed> unified = functions.unified(in.at(), "IN", values);
            for (Typed value : unified.subList(1, unified.size())) {
                sql.append(sql.isEmpty() ? "" : ", ").append(value.sql());
            }
            String all = "(" + unified.get(0).sql() + (in.negated() ? " NOT IN (" : " IN (") + sql + "))";
            return bool(in.at(), translation.sized(all));
        }
        for (Typed value : values.subList(1, values.size())) {
            sql.append(sql.isEmpty() ? "(" : " OR ")
                    .append(operators.binary(in.at(), "=", operand, value).sql());
        }
        sql.append(')');
        return bool(in.at(), translation.sized(in.negated() ? "(NOT " + sql + ")" : sql.toString()));
    }

    private Typed quantified(
            int at, Expr left, String operator, boolean all, io.walrelay.proxy.console.sql.Query query, Scope scope) {
        Typed operand = of(left, scope);
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
        return bool(at, "(" + sides.get(0).sql() + " " + operator + (all ? " ALL (" : " ANY (") + rows + "))");
    }

    private void requireComparison(int at, String operator) {
        if (!List.of("=", "<>", "<", ">", "<=", ">=").contains(operator)) {
            throw translation.unsupported(at, operator + " ANY/ALL is");
        }
    }

    private Typed quantified(Expr.QuantifiedArray quantified, Scope scope) {
        int at = quantified.at();
        requireComparison(at, quantified.operator());
        Typed operand = of(quantified.operand(), scope);
        Typed array = of(quantified.array(), scope);
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
        return bool(
                at,
                "(" + sides.get(0).sql() + " " + quantified.operator() + (quantified.all() ? " ALL(" : " ANY(") + list
                        + "))");
    }

    private Typed like(Expr.Like like, Scope scope) {
        Typed text = of(like.operand(), scope);
        Typed pattern = of(like.pattern(), scope);
        Typed result;
        if (like.escape().isPresent()) {
            result = operators.like(like.at(), text, pattern, of(like.escape().get(), scope), like.insensitive());
        } else {
            result = operators.binary(like.at(), like.insensitive() ? "~~*" : "~~", text, pattern);
        }
        return like.negated() ? bool(like.at(), "(NOT " + result.sql() + ")") : result;
    }

    private Typed cast(Expr.Cast cast, Scope scope) {
        PgType type = TypeNames.resolve(translation, cast.type());
        // An empty array, or one of nulls, gets its type from here.
        if (cast.operand() instanceof Expr.ArrayOf array && type.isArray()) {
            List<Typed> elements = new ArrayList<>();
            for (Typed element : all(array.elements(), scope)) {
                elements.add(coercion.cast(element, type.element().orElseThrow()));
            }
            return arrayOf(cast.at(), elements, type);
        }
        Typed value = coercion.cast(of(cast.operand(), scope), type).at(cast.at());
        return TypeNames.modified(translation, value, cast.type());
    }

    private Typed choice(Expr.Case choice, Scope scope) {
        Optional<Typed> operand = choice.operand().map(expression -> of(expression, scope));
        List<String> conditions = new ArrayList<>();
        List<Typed> results = new ArrayList<>();
        for (Expr.When branch : choice.branches()) {
            conditions.add(
                    operand.isEmpty()
                            ? condition(branch.condition(), scope, "CASE/WHEN")
                            : operators
                                    .binary(choice.at(), "=", operand.get(), of(branch.condition(), scope))
                                    .sql());
            results.add(of(branch.result(), scope));
        }
        results.add(choice.otherwise()
                .map(expression -> of(expression, scope))
                .orElse(new Typed(choice.at(), "NULL", PgTypes.UNKNOWN, null, 0)));
        List<Typed> unified = functions.unified(choice.at(), "CASE", results);
        StringBuilder sql = new StringBuilder("CASE");
        for (int i = 0; i < conditions.size(); i++) {
            sql.append(" WHEN ")
                    .append(conditions.get(i))
                    .append(" THEN ")
                    .append(unified.get(i).sql());
        }
        sql.append(" ELSE ").append(unified.get(conditions.size()).sql()).append(" END");
        return Typed.of(
                choice.at(),
                translation.sized("(" + sql + ")"),
                unified.get(conditions.size()).type());
    }

    private Typed array(Expr.ArrayOf array, Scope scope) {
        if (array.elements().isEmpty()) {
            throw translation
                    .error(array.at(), SqlState.of("42P18"), "cannot determine type of empty array")
                    .withHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].");
        }
        List<Typed> elements = functions.unified(array.at(), "ARRAY", all(array.elements(), scope));
        return arrayOf(array.at(), elements, PgTypes.arrayOf(elements.get(0).type()));
    }

    private Typed arrayOf(int at, List<Typed> elements, PgType type) {
        StringBuilder sql = new StringBuilder();
        for (Typed element : elements) {
            sql.append(sql.isEmpty() ? "" : ", ").append(element.sql());
        }
        return Typed.of(at, translation.sized("CAST(ARRAY[" + sql + "] AS " + type.sql() + ")"), type);
    }

    private Typed subscript(Expr.Subscript subscript, Scope scope) {
        Typed array = of(subscript.array(), scope);
        if (!array.type().isArray()) {
            throw translation.error(
                    subscript.at(),
                    Coercion.DATATYPE_MISMATCH,
                    "cannot subscript type " + array.type().sqlName() + " because it does not support subscripting");
        }
        Typed index = coercion.implicit(of(subscript.index(), scope), PgTypes.INT4);
        return translation.call(
                subscript.at(), "subscript", ELEMENT, array.type().element().orElseThrow(), array, index);
    }

    /** Fields of records: only those of {@code _pg_expandarray} over {@code pg_index}, which has no rows here. */
    private Typed field(Expr.Field field, Scope scope) {
        Typed operand = of(field.operand(), scope);
        if (operand.type().equals(PgTypes.RECORD)
                && (field.field().equals("n") || field.field().equals("x"))) {
            return Typed.of(field.at(), "CAST(NULL AS INTEGER)", PgTypes.INT4);
        }
        throw translation.error(
                field.at(),
                SqlState.of("42809"),
                "column notation ." + field.field() + " applied to type "
                        + operand.type().sqlName() + ", which is not a composite type");
    }

    private Typed call(Expr.Call call, Scope scope) {
        String name = call.name();
        boolean own = call.names().size() == 1 || call.names().get(0).equals("pg_catalog");
        if (own && Aggregates.isAggregate(name)) {
            return aggregates.aggregate(call, all(call.arguments(), scope), order(call, scope), tail(call, scope));
        }
        if (own && Aggregates.isWindow(name)) {
            if (call.over().isEmpty()) {
                throw functions.misplaced(call.at(), "window function " + name + " requires an OVER clause");
            }
            return aggregates.window(call, all(call.arguments(), scope), tail(call, scope));
        }
        if (call.over().isPresent() || call.filter().isPresent() || call.star() || call.distinct()) {
            throw functions.misplaced(call.at(), name + " is not an aggregate function");
        }
        List<Typed> arguments = all(call.arguments(), scope);
        return switch (name) {
            case "coalesce", "greatest", "least" -> {
                List<Typed> unified = functions.unified(call.at(), name.toUpperCase(Locale.ROOT), arguments);
                yield Typed.of(
                        call.at(),
                        translation.sized(name + "(" + list(unified) + ")"),
                        unified.get(0).type());
            }
            case "nullif" -> {
                if (arguments.size() != 2) {
                    throw functions.undefined(call, arguments);
                }
                List<Typed> sides = operators.comparable(call.at(), "=", arguments.get(0), arguments.get(1));
                yield Typed.of(
                        call.at(), "NULLIF(" + list(sides) + ")", sides.get(0).type());
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

    private static String list(List<Typed> values) {
        StringBuilder list = new StringBuilder();
        for (Typed value : values) {
            list.append(list.isEmpty() ? "" : ", ").append(value.sql());
        }
        return list.toString();
    }

    private String order(Expr.Call call, Scope scope) {
        return call.order().isEmpty() ? "" : " ORDER BY " + keys(call.order(), scope);
    }

    /** ORDER BY's list. */
    String keys(List<Expr.SortKey> keys, Scope scope) {
        StringBuilder sql = new StringBuilder();
        for (Expr.SortKey key : keys) {
            sql.append(sql.isEmpty() ? "" : ", ")
                    .append(coercion.known(of(key.expression(), scope)).sql())
                    .append(QueryTranslator.direction(key));
        }
        return sql.toString();
    }

    private java.util.function.UnaryOperator<String> tail(Expr.Call call, Scope scope) {
        String filter = call.filter()
                .map(expression -> " FILTER (WHERE " + condition(expression, scope, "FILTER") + ")")
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
        for (Typed value : all(partition, scope)) {
            sql.append(sql.isEmpty() ? "PARTITION BY " : ", ")
                    .append(coercion.known(value).sql());
        }
        if (!order.isEmpty()) {
            sql.append(" ORDER BY ").append(keys(order, scope));
        }
        return sql.append(frame).toString();
    }
}
