package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.sql.Query;

/** Whether a query reads a table of this name in its FROM clauses. */
final class Mentions {
    private Mentions() {}

    static boolean table(Query query, String name) {
        return body(query.body(), name);
    }

    private static boolean body(Query.Body body, String name) {
        return switch (body) {
            case Query.Select select -> select.from().stream().anyMatch(item -> from(item, name));
            case Query.Values values -> false;
            case Query.Nested nested -> table(nested.query(), name);
            case Query.SetOperation operation -> body(operation.left(), name) || body(operation.right(), name);
        };
    }

    private static boolean from(Query.From item, String name) {
        return switch (item) {
            case Query.Table table ->
                table.names().size() == 1 && table.names().get(0).equals(name);
            case Query.Derived derived -> table(derived.query(), name);
            case Query.RowsFrom rows -> false;
            case Query.Join join -> from(join.left(), name) || from(join.right(), name);
        };
    }
}
