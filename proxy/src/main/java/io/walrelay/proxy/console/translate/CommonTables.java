package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Query;
import io.walrelay.proxy.console.translate.Translated.OutColumn;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** WITH: a query is put where its name stands; only a recursive one is the engine's own. */
final class CommonTables {
    private final Translation translation;
    private final QueryTranslator queries;

    CommonTables(Translation translation, QueryTranslator queries) {
        this.translation = translation;
        this.queries = queries;
    }

    /** Makes the name known in the scope, and gives what stands before the query. */
    String declare(Query.Cte cte, boolean recursive, Scope scope, boolean first) {
        Scope visible = new Scope(scope);
        boolean own = recursive
                && cte.query().body() instanceof Query.SetOperation operation
                && operation.operator().equals("union")
                && Mentions.table(cte.query(), cte.name());
        if (!own) {
            // What is declared later must not be seen in it; what was, is found through the enclosing scope.
            scope.add(cte.name(), new Scope.CommonTable(cte, scope, Optional.empty()));
            return "";
        }
        if (!first) {
            throw translation.unsupported(cte.at(), "more than one recursive query in WITH is");
        }
        Query.SetOperation union = (Query.SetOperation) cte.query().body();
        Query start =
                new Query(cte.at(), List.of(), false, union.left(), List.of(), Optional.empty(), Optional.empty());
        List<OutColumn> columns = renamed(cte, queries.query(start, visible).columns());
        String name = translation.newAlias();
        Scope.CommonTable table =
                new Scope.CommonTable(cte, visible, Optional.of(new Scope.RecursiveTable(name, columns)));
        visible.add(cte.name(), table);
        scope.add(cte.name(), table);
        String body = queries.query(cte.query(), visible).sql();
        StringBuilder list = new StringBuilder();
        for (int i = 1; i <= columns.size(); i++) {
            list.append(i == 1 ? "" : ", ").append("\"c").append(i).append('"');
        }
        return "WITH RECURSIVE " + name + "(" + list + ") AS (" + body + ") ";
    }

    /** The columns under the names that are given to them. */
    List<OutColumn> renamed(Query.Cte cte, List<OutColumn> columns) {
        if (cte.columns().size() > columns.size()) {
            throw translation.error(
                    cte.at(),
                    SqlState.of("42P10"),
                    "WITH query \"" + cte.name() + "\" has " + columns.size() + " columns available but "
                            + cte.columns().size() + " columns specified");
        }
        List<OutColumn> renamed = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            OutColumn column = columns.get(i);
            String name = i < cte.columns().size() ? cte.columns().get(i) : column.name();
            renamed.add(new OutColumn(name, column.type(), 0, 0));
        }
        return renamed;
    }
}
