package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Expr;
import io.walrelay.proxy.console.sql.Query;
import io.walrelay.proxy.console.type.PgType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The names that an expression can use: the FROM clause's, then the enclosing query's. */
class Scope {
    private final @Nullable Scope parent;
    private final List<Table> tables = new ArrayList<>();
    private final Map<String, CommonTable> commonTables = new HashMap<>();
    private Map<String, Expr.Window> windows = new LinkedHashMap<>();

    Scope(@Nullable Scope parent) {
        this.parent = parent;
    }

    /** A FROM item, under the name that it has there. */
    static final class Table {
        final String schema;
        final String name;
        final List<Column> columns;

        Table(String schema, String name, List<Column> columns) {
            this.schema = schema;
            this.name = name;
            this.columns = columns;
        }
    }

    /**
     * A column of a FROM item.
     *
     * @param tableOid of the table that it is of; 0 for none
     * @param merged whether USING has made it one with another that stands for it without a table's name
     * @param hidden whether {@code *} leaves it out
     */
    record Column(String name, String sql, PgType type, int tableOid, int attribute, boolean merged, boolean hidden) {
        Column asMerged() {
            return new Column(name, sql, type, tableOid, attribute, true, hidden);
        }
    }

    /** A query in WITH; {@code recursive} while its own query is translated: what it is called in the engine. */
    record CommonTable(Query.Cte cte, Scope scope, Optional<RecursiveTable> recursive) {}

    /** A recursive one's name and columns in the engine. */
    record RecursiveTable(String sql, List<Translated.OutColumn> columns) {}

    Optional<Scope> parent() {
        return Optional.ofNullable(parent);
    }

    List<Table> tables() {
        return tables;
    }

    void add(Table table) {
        tables.add(table);
    }

    void add(String name, CommonTable table) {
        commonTables.put(name, table);
    }

    Optional<CommonTable> commonTable(String name) {
        CommonTable found = commonTables.get(name);
        if (found != null) {
            return Optional.of(found);
        }
        return parent == null ? Optional.empty() : parent.commonTable(name);
    }

    Map<String, Expr.Window> windows() {
        return windows;
    }

    void windows(Map<String, Expr.Window> named) {
        windows = named;
    }

    List<Column> columns(String name) {
        List<Column> found = new ArrayList<>();
        for (Table table : tables) {
            for (Column column : table.columns) {
                if (column.name().equals(name) && !column.merged()) {
                    found.add(column);
                }
            }
        }
        return found;
    }

    Optional<Table> table(String name) {
        return tables.stream().filter(table -> table.name.equals(name)).findFirst();
    }
}
