package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What is made of several values, and what takes one out: CASE, arrays, subscripts, fields. */
final class Composites {
    private static final Body ELEMENT = (context, arguments) -> {
        List<?> list = (List<?>) Objects.requireNonNull(arguments[0]);
        int index = (Integer) Objects.requireNonNull(arguments[1]);
        return index >= 1 && index <= list.size() ? list.get(index - 1) : null;
    };

    private final Translation translation;
    private final ExpressionTranslator expressions;
    private final Coercion coercion;
    private final Operators operators;

    Composites(Translation translation, ExpressionTranslator expressions, Coercion coercion, Operators operators) {
        this.translation = translation;
        this.expressions = expressions;
        this.coercion = coercion;
        this.operators = operators;
    }

    Typed choice(Expr.Case choice, Scope scope) {
        Optional<Typed> operand = choice.operand().map(expression -> expressions.of(expression, scope));
        List<String> conditions = new ArrayList<>();
        List<Typed> results = new ArrayList<>();
        for (Expr.When branch : choice.branches()) {
            conditions.add(
                    operand.isEmpty()
                            ? expressions.condition(branch.condition(), scope, "CASE/WHEN")
                            : operators
                                    .binary(choice.at(), "=", operand.get(), expressions.of(branch.condition(), scope))
                                    .sql());
            results.add(expressions.of(branch.result(), scope));
        }
        results.add(choice.otherwise()
                .map(expression -> expressions.of(expression, scope))
                .orElse(new Typed(choice.at(), "NULL", PgTypes.UNKNOWN, null, 0)));
        List<Typed> unified = expressions.functions().unified(choice.at(), "CASE", results);
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

    Typed array(Expr.ArrayOf array, Scope scope) {
        if (array.elements().isEmpty()) {
            throw translation
                    .error(array.at(), SqlState.of("42P18"), "cannot determine type of empty array")
                    .withHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].");
        }
        List<Typed> elements =
                expressions.functions().unified(array.at(), "ARRAY", expressions.all(array.elements(), scope));
        return arrayOf(array.at(), elements, PgTypes.arrayOf(elements.get(0).type()));
    }

    Typed arrayOf(int at, List<Typed> elements, PgType type) {
        return Typed.of(at, translation.sized("CAST(ARRAY[" + Typed.list(elements) + "] AS " + type.sql() + ")"), type);
    }

    Typed subscript(Expr.Subscript subscript, Scope scope) {
        Typed array = expressions.of(subscript.array(), scope);
        if (!array.type().isArray()) {
            throw translation.error(
                    subscript.at(),
                    Coercion.DATATYPE_MISMATCH,
                    "cannot subscript type " + array.type().sqlName() + " because it does not support subscripting");
        }
        Typed index = coercion.implicit(expressions.of(subscript.index(), scope), PgTypes.INT4);
        return translation.call(
                subscript.at(), "subscript", ELEMENT, array.type().element().orElseThrow(), array, index);
    }

    /** Fields of records: only those of {@code _pg_expandarray} over {@code pg_index}, which has no rows here. */
    Typed field(Expr.Field field, Scope scope) {
        Typed operand = expressions.of(field.operand(), scope);
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
}
