package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.wire.error.SqlState;
import java.util.List;
import java.util.Optional;

/** What a column's name means. */
final class Columns {
    private static final SqlState UNDEFINED_COLUMN = SqlState.of("42703");
    private static final SqlState AMBIGUOUS_COLUMN = SqlState.of("42702");

    private final Translation translation;

    Columns(Translation translation) {
        this.translation = translation;
    }

    /** The column. @throws io.walrelay.wire.error.PgException 42703, 42702, 42P01 */
    Scope.Column resolve(Expr.ColumnRef reference, Scope scope) {
        List<String> names = reference.names();
        String column = names.get(names.size() - 1);
        return names.size() == 1 ? bare(reference.at(), column, scope) : qualified(reference, column, scope);
    }

    /** The column, if there is one in this scope or an enclosing one. */
    Optional<Scope.Column> find(String name, Scope scope) {
        List<Scope.Column> found = scope.columns(name);
        if (found.size() == 1) {
            return Optional.of(found.get(0));
        }
        return found.isEmpty() ? scope.parent().flatMap(parent -> find(name, parent)) : Optional.empty();
    }

    private Scope.Column bare(int at, String name, Scope scope) {
        List<Scope.Column> found = scope.columns(name);
        if (found.size() > 1) {
            throw translation.error(at, AMBIGUOUS_COLUMN, "column reference \"" + name + "\" is ambiguous");
        }
        if (found.size() == 1) {
            return found.get(0);
        }
        Optional<Scope> parent = scope.parent();
        if (parent.isPresent()) {
            Optional<Scope.Column> outer = find(name, parent.get());
            if (outer.isPresent()) {
                return outer.get();
            }
        }
        if (isTable(name, scope)) {
            throw translation.unsupported(at, "a whole row as a value is");
        }
        throw translation.error(at, UNDEFINED_COLUMN, "column \"" + name + "\" does not exist");
    }

    private static boolean isTable(String name, Scope scope) {
        return scope.table(name).isPresent()
                || scope.parent().map(parent -> isTable(name, parent)).orElse(false);
    }

    private Scope.Column qualified(Expr.ColumnRef reference, String column, Scope scope) {
        List<String> names = reference.names();
        String tableName = names.get(names.size() - 2);
        Scope.Table table = table(reference.at(), tableName, scope);
        return table.columns.stream()
                .filter(candidate -> candidate.name().equals(column))
                .findFirst()
                .orElseThrow(() -> translation.error(
                        reference.at(), UNDEFINED_COLUMN, "column " + tableName + "." + column + " does not exist"));
    }

    /** The FROM item of this name. @throws io.walrelay.wire.error.PgException 42P01 */
    Scope.Table table(int at, String name, Scope scope) {
        Optional<Scope.Table> found = scope.table(name);
        if (found.isPresent()) {
            return found.get();
        }
        return scope.parent()
                .map(parent -> table(at, name, parent))
                .orElseThrow(() -> translation.error(
                        at, SqlState.UNDEFINED_TABLE, "missing FROM-clause entry for table \"" + name + "\""));
    }
}
