package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.sql.Query;
import io.walrelay.proxy.console.translate.Translated.OutColumn;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The select list. A function that gives rows and stands there alone is moved into FROM. */
final class Targets {
    private final Translation translation;
    private final ExpressionTranslator expressions;
    private final FromTranslator from;
    private final List<String> sql = new ArrayList<>();
    private final List<OutColumn> columns = new ArrayList<>();
    private final List<String> hoisted = new ArrayList<>();

    Targets(Translation translation, ExpressionTranslator expressions, FromTranslator from) {
        this.translation = translation;
        this.expressions = expressions;
        this.from = from;
    }

    Targets of(Query.Select select, Scope scope) {
        for (Query.Target target : select.targets()) {
            if (target.expression() instanceof Expr.Star star) {
                star(star, scope);
            } else if (target.expression() instanceof Expr.Call call && FunctionTranslator.givesRows(call)) {
                Query.RowsFrom item = new Query.RowsFrom(call.at(), call, false, Query.Alias.NONE);
                Scope inner = new Scope(scope);
                hoisted.add(from.rows(item, scope, inner));
                Scope.Column column = inner.tables().get(0).columns.get(0);
                add(Typed.of(call.at(), column.sql(), column.type()), ColumnNames.of(target), 0, 0);
            } else {
                expression(target, scope);
            }
        }
        return this;
    }

    private void expression(Query.Target target, Scope scope) {
        Typed value = expressions.coercion().known(expressions.of(target.expression(), scope));
        Optional<Scope.Column> column = target.expression() instanceof Expr.ColumnRef reference
                ? Optional.of(expressions.columns().resolve(reference, scope))
                : Optional.empty();
        add(
                value,
                ColumnNames.of(target),
                column.map(Scope.Column::tableOid).orElse(0),
                column.map(Scope.Column::attribute).orElse(0));
    }

    private void star(Expr.Star star, Scope scope) {
        List<Scope.Table> tables = scope.tables();
        if (!star.qualifier().isEmpty()) {
            String name = star.qualifier().get(star.qualifier().size() - 1);
            tables = List.of(expressions.columns().table(star.at(), name, scope));
        } else if (tables.isEmpty()) {
            throw translation.error(star.at(), SqlState.SYNTAX_ERROR, "SELECT * with no tables specified is not valid");
        }
        for (Scope.Table table : tables) {
            for (Scope.Column column : table.columns) {
                boolean shown = !column.hidden()
                        && !(column.merged() && star.qualifier().isEmpty());
                if (shown) {
                    add(
                            Typed.of(star.at(), column.sql(), column.type()),
                            column.name(),
                            column.tableOid(),
                            column.attribute());
                }
            }
        }
    }

    private void add(Typed value, String name, int tableOid, int attribute) {
        sql.add(value.sql());
        columns.add(new OutColumn(name, value.type(), tableOid, attribute));
        if (columns.size() > 1664) {
            throw translation.error(value.at(), SqlState.of("54011"), "target lists can have at most 1664 entries");
        }
    }

    List<String> hoisted() {
        return hoisted;
    }

    List<OutColumn> columns() {
        return columns;
    }

    /** What the column with this number is computed from. */
    String expression(int ordinal) {
        return sql.get(ordinal - 1);
    }

    int indexOf(String expression) {
        return sql.indexOf(expression);
    }

    String sql() {
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < sql.size(); i++) {
            list.append(i == 0 ? "" : ", ")
                    .append(sql.get(i))
                    .append(" AS \"c")
                    .append(i + 1)
                    .append('"');
        }
        return list.toString();
    }
}
