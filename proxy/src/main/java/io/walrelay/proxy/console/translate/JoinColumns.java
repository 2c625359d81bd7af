package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Query;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;

/** USING and NATURAL: columns of both sides that become one. */
final class JoinColumns {
    private final Translation translation;
    private final ExpressionTranslator expressions;

    JoinColumns(Translation translation, ExpressionTranslator expressions) {
        this.translation = translation;
        this.expressions = expressions;
    }

    /** The names that both sides have. */
    static List<String> shared(List<Scope.Table> left, List<Scope.Table> right) {
        List<String> names = new ArrayList<>();
        for (Scope.Table table : left) {
            for (Scope.Column column : table.columns) {
                boolean both = right.stream()
                        .flatMap(other -> other.columns.stream())
                        .anyMatch(other -> other.name().equals(column.name()) && !other.merged() && !other.hidden());
                if (both && !column.merged() && !column.hidden()) {
                    names.add(column.name());
                }
            }
        }
        return names;
    }

    /** The condition; the column of the side that may be null is put behind the other one's. */
    String merge(Query.Join join, List<String> using, List<Scope.Table> left, List<Scope.Table> right) {
        StringBuilder condition = new StringBuilder();
        for (String name : using) {
            Scope.Column one = find(join, name, left, "left");
            Scope.Column other = find(join, name, right, "right");
            Typed equal = new Operators(translation, expressions.coercion())
                    .binary(
                            join.at(),
                            "=",
                            Typed.of(join.at(), one.sql(), one.type()),
                            Typed.of(join.at(), other.sql(), other.type()));
            condition.append(condition.isEmpty() ? "" : " AND ").append(equal.sql());
            hide(join.kind().equals("RIGHT") ? left : right, name);
        }
        return condition.toString();
    }

    private Scope.Column find(Query.Join join, String name, List<Scope.Table> tables, String side) {
        List<Scope.Column> found = new ArrayList<>();
        for (Scope.Table table : tables) {
            table.columns.stream()
                    .filter(column -> column.name().equals(name) && !column.merged())
                    .forEach(found::add);
        }
        if (found.isEmpty()) {
            throw translation.error(
                    join.at(),
                    SqlState.of("42703"),
                    "column \"" + name + "\" specified in USING clause does not exist in " + side + " table");
        }
        if (found.size() > 1) {
            throw translation.error(
                    join.at(),
                    SqlState.of("42702"),
                    "common column name \"" + name + "\" appears more than once in " + side + " table");
        }
        return found.get(0);
    }

    private static void hide(List<Scope.Table> tables, String name) {
        for (Scope.Table table : tables) {
            table.columns.replaceAll(column -> column.name().equals(name) ? column.asMerged() : column);
        }
    }
}
