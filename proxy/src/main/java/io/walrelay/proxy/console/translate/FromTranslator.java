package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.catalog.Relation;
import io.walrelay.proxy.console.sql.Query;
import io.walrelay.proxy.console.translate.Translated.OutColumn;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The FROM clause. */
final class FromTranslator {
    /** A function of which the arguments are columns gives so many rows at most for each of their rows. */
    private static final int MOST_LATERAL_ROWS = 1000;

    private final Translation translation;
    private final ExpressionTranslator expressions;
    private final QueryTranslator queries;
    private List<String> conditions = new ArrayList<>();

    FromTranslator(Translation translation, ExpressionTranslator expressions, QueryTranslator queries) {
        this.translation = translation;
        this.expressions = expressions;
        this.queries = queries;
    }

    /** The items in the engine's SQL; their names are made known in the scope. Empty for none. */
    String translate(List<Query.From> items, Scope scope) {
        StringBuilder sql = new StringBuilder();
        List<String> outer = conditions;
        conditions = new ArrayList<>();
        for (Query.From item : items) {
            sql.append(sql.isEmpty() ? "" : " CROSS JOIN ").append(item(item, scope));
        }
        pending.add(conditions);
        conditions = outer;
        return sql.toString();
    }

    private final java.util.Deque<List<String>> pending = new java.util.ArrayDeque<>();

    /** Conditions that the items of the last {@link #translate} need in WHERE. */
    List<String> takeConditions() {
        List<String> taken = new ArrayList<>(pending.removeLast());
        taken.addAll(conditions);
        conditions = new ArrayList<>();
        return taken;
    }

    private String item(Query.From item, Scope scope) {
        return switch (item) {
            case Query.Table table -> table(table, scope);
            case Query.Derived derived -> derived(derived, scope);
            case Query.RowsFrom rows -> rows(rows, scope, scope);
            case Query.Join join -> join(join, scope);
        };
    }

    private void declare(
            int at, String schema, String name, List<Scope.Column> columns, Query.Alias alias, Scope scope) {
        String shown = alias.name().orElse(name);
        if (alias.columns().size() > columns.size()) {
            throw translation.error(
                    at,
                    SqlState.of("42P10"),
                    "table \"" + shown + "\" has " + columns.size() + " columns available but "
                            + alias.columns().size() + " columns specified");
        }
        List<Scope.Column> renamed = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Scope.Column column = columns.get(i);
            String columnName = i < alias.columns().size() ? alias.columns().get(i) : column.name();
            renamed.add(new Scope.Column(
                    columnName,
                    column.sql(),
                    column.type(),
                    column.tableOid(),
                    column.attribute(),
                    column.merged(),
                    column.hidden()));
        }
        if (!shown.isEmpty() && scope.table(shown).isPresent()) {
            throw translation.error(at, SqlState.of("42712"), "table name \"" + shown + "\" specified more than once");
        }
        scope.add(new Scope.Table(schema, shown, renamed));
    }

    private String table(Query.Table table, Scope scope) {
        String name = table.names().get(table.names().size() - 1);
        if (table.names().size() == 1) {
            Optional<Scope.CommonTable> common = scope.commonTable(name);
            if (common.isPresent()) {
                return commonTable(table, common.get(), scope);
            }
        }
        return relation(table.at(), relation(table, name), name, table.alias(), scope);
    }

    private String relation(int at, Relation relation, String name, Query.Alias given, Scope scope) {
        translation.use(relation);
        String alias = translation.newAlias();
        List<Scope.Column> columns = new ArrayList<>();
        int attribute = 0;
        for (Relation.Field field : relation.fields()) {
            attribute += field.hidden() ? 0 : 1;
            columns.add(new Scope.Column(
                    field.name(),
                    alias + "." + quoted(field.name()),
                    field.type(),
                    relation.oid(),
                    field.hidden() ? -2 : attribute,
                    false,
                    field.hidden()));
        }
        declare(at, relation.schema(), name, columns, given, scope);
        return quoted(relation.key()) + " " + alias;
    }

    static String quoted(String name) {
        return '"' + name + '"';
    }

    private Relation relation(Query.Table table, String name) {
        Catalog catalog = translation.catalog();
        Optional<Relation> found = switch (table.names().size()) {
            case 1 -> catalog.find(name);
            default -> catalog.find(table.names().get(table.names().size() - 2), name);
        };
        return found.orElseThrow(() -> {
            String written = String.join(".", table.names());
            return translation.error(
                    table.at(), SqlState.UNDEFINED_TABLE, "relation \"" + written + "\" does not exist");
        });
    }

    private String commonTable(Query.Table table, Scope.CommonTable common, Scope scope) {
        String alias = translation.newAlias();
        if (common.recursive().isPresent()) {
            Scope.RecursiveTable recursive = common.recursive().get();
            declare(table.at(), "", common.cte().name(), columns(alias, recursive.columns()), table.alias(), scope);
            return recursive.sql() + " " + alias;
        }
        QueryTranslator.Result result = queries.query(common.cte().query(), hiding(common));
        List<OutColumn> columns = new CommonTables(translation, queries).renamed(common.cte(), result.columns());
        declare(table.at(), "", common.cte().name(), columns(alias, columns), table.alias(), scope);
        return "(" + result.sql() + ") " + alias;
    }

    /** A query in WITH does not see itself: its name means a table, or one of an enclosing WITH. */
    private static Scope hiding(Scope.CommonTable common) {
        return new Scope(common.scope()) {
            @Override
            Optional<CommonTable> commonTable(String name) {
                return name.equals(common.cte().name())
                        ? common.scope().parent().flatMap(parent -> parent.commonTable(name))
                        : super.commonTable(name);
            }
        };
    }

    private static List<Scope.Column> columns(String alias, List<OutColumn> columns) {
        List<Scope.Column> list = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            OutColumn column = columns.get(i);
            list.add(new Scope.Column(
                    column.name(), alias + ".\"c" + (i + 1) + "\"", column.type(), 0, 0, false, false));
        }
        return list;
    }

    private String derived(Query.Derived derived, Scope scope) {
        QueryTranslator.Result result = alone(derived, scope);
        String alias = translation.newAlias();
        declare(derived.at(), "", "", columns(alias, result.columns()), derived.alias(), scope);
        return "(" + result.sql() + ") " + alias;
    }

    /** Names beside it in FROM are not seen in it: the engine has no LATERAL. */
    private QueryTranslator.Result alone(Query.Derived derived, Scope scope) {
        try {
            return queries.query(derived.query(), scope.parent().orElse(null));
        } catch (PgException unknown) {
            boolean name = unknown.sqlState().equals(SqlState.UNDEFINED_TABLE)
                    || unknown.sqlState().equals(SqlState.of("42703"));
            throw name && derived.lateral()
                    ? translation.unsupported(derived.at(), "a LATERAL subquery that names what stands before it is")
                    : unknown;
        }
    }

    /**
     * A function that gives rows: its array, unnested. Where its arguments are columns of other tables, numbers are
     * joined in instead, and each row takes its element out of the array.
     */
    String rows(Query.RowsFrom rows, Scope arguments, Scope declared) {
        Optional<Relation> constant = translation.catalog().rowsOf(rows.call().names());
        if (constant.isPresent() && rows.call().arguments().isEmpty() && !rows.ordinality()) {
            return relation(rows.at(), constant.get(), rows.call().name(), rows.alias(), declared);
        }
        List<Typed> values = expressions.all(rows.call().arguments(), arguments);
        FunctionTranslator.Resolved resolved = expressions.functions().resolve(rows.call(), values);
        String alias = translation.newAlias();
        String name = rows.call().name();
        String column = rows.alias().name().orElse(name);
        if (!resolved.function().rows()) {
            return single(rows, resolved, alias, column, declared);
        }
        Typed array = expressions.functions().emit(rows.at(), resolved);
        boolean lateral = array.sql().contains("\"t");
        String element = alias + ".\"c1\"";
        String ordinal = alias + ".\"n\"";
        if (lateral) {
            conditions.add("(" + ordinal + " <= CARDINALITY(" + array.sql() + "))");
            element = "ARRAY_GET(" + array.sql() + ", CAST(" + ordinal + " AS INTEGER))";
        }
        List<Scope.Column> columns = new ArrayList<>();
        columns.add(new Scope.Column(column, element, resolved.result(), 0, 0, false, false));
        if (rows.ordinality()) {
            columns.add(new Scope.Column("ordinality", ordinal, PgTypes.INT8, 0, 0, false, false));
        }
        declare(rows.at(), "", name, columns, rows.alias(), declared);
        return lateral
                ? "SYSTEM_RANGE(1, " + MOST_LATERAL_ROWS + ") " + alias + "(\"n\")"
                : "UNNEST(" + array.sql() + ") WITH ORDINALITY " + alias + "(\"c1\", \"n\")";
    }

    /** A function that gives one value, as a table of one row; a record as its fields. */
    private String single(
            Query.RowsFrom rows, FunctionTranslator.Resolved resolved, String alias, String name, Scope declared) {
        List<Scope.Column> columns = new ArrayList<>();
        if (resolved.result().equals(PgTypes.RECORD)) {
            PgType texts = PgTypes.of("_text");
            FunctionTranslator.Resolved asTexts = new FunctionTranslator.Resolved(
                    RecordFields.asTexts(resolved.function()), resolved.arguments(), texts);
            Typed record = expressions.functions().emit(rows.at(), asTexts);
            int index = 0;
            for (RecordFields.Field field : RecordFields.of(resolved.function().name())) {
                Typed text = Typed.of(rows.at(), "ARRAY_GET(" + alias + ".\"c1\", " + ++index + ")", PgTypes.TEXT);
                columns.add(new Scope.Column(
                        field.name(),
                        expressions.coercion().cast(text, field.type()).sql(),
                        field.type(),
                        0,
                        0,
                        false,
                        false));
            }
            declare(rows.at(), "", resolved.function().name(), columns, rows.alias(), declared);
            return "(SELECT " + record.sql() + " AS \"c1\") " + alias;
        }
        Typed value = expressions.functions().emit(rows.at(), resolved);
        columns.add(new Scope.Column(name, alias + ".\"c1\"", resolved.result(), 0, 0, false, false));
        declare(rows.at(), "", resolved.function().name(), columns, rows.alias(), declared);
        return "(SELECT " + value.sql() + " AS \"c1\") " + alias;
    }

    private String join(Query.Join join, Scope scope) {
        if (join.kind().equals("FULL")) {
            throw translation.unsupported(join.at(), "FULL JOIN is");
        }
        Scope left = new Scope(scope.parent().orElse(null));
        Scope right = new Scope(scope.parent().orElse(null));
        // Functions may use columns of what stands to their left.
        scope.tables().forEach(left::add);
        int before = left.tables().size();
        String leftSql = item(join.left(), left);
        left.tables().forEach(right::add);
        int middle = right.tables().size();
        String rightSql = item(join.right(), right);
        List<Scope.Table> leftTables =
                left.tables().subList(before, left.tables().size());
        List<Scope.Table> rightTables =
                right.tables().subList(middle, right.tables().size());
        List<String> using = join.natural() ? JoinColumns.shared(leftTables, rightTables) : join.using();
        if (join.kind().equals("CROSS") || (join.natural() && using.isEmpty())) {
            leftTables.forEach(scope::add);
            rightTables.forEach(scope::add);
            return "(" + leftSql + " CROSS JOIN " + rightSql + ")";
        }
        JoinColumns columns = new JoinColumns(translation, expressions);
        String condition = "";
        if (!using.isEmpty()) {
            condition = columns.merge(join, using, leftTables, rightTables);
        }
        leftTables.forEach(scope::add);
        rightTables.forEach(scope::add);
        if (using.isEmpty()) {
            condition = expressions.condition(join.condition().orElseThrow(), scope, "JOIN/ON");
        }
        return "(" + leftSql + " " + join.kind() + " JOIN " + rightSql + " ON " + condition + ")";
    }
}
