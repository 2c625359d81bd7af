package io.walrelay.proxy.console.function;

import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.catalog.Schemas;
import io.walrelay.wire.error.PgException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The setting {@code search_path}, as far as {@code current_schema()} and {@code current_schemas()} tell it. Where a
 * name without a schema is looked for does not depend on it: in pg_catalog, then in walrelay.
 *
 * @see <a href="https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH">The Schema Search Path</a>
 */
final class SearchPath {
    private static final String CATALOG = "pg_catalog";

    private SearchPath() {}

    /** The first schema of it that exists; null if none does. */
    static @Nullable Object first(CallContext context) {
        List<String> schemas = named(context);
        return schemas.isEmpty() ? null : schemas.getFirst();
    }

    /**
     * Those of it that exist, then {@code walrelay}, which is always looked in; {@code implicit}: and pg_catalog before
     * them.
     */
    static List<String> all(CallContext context, boolean implicit) {
        List<String> schemas = new ArrayList<>(named(context));
        if (implicit && !schemas.contains(CATALOG)) {
            schemas.addFirst(CATALOG);
        }
        if (!schemas.contains(Catalog.WALRELAY)) {
            schemas.add(Catalog.WALRELAY);
        }
        return schemas;
    }

    private static List<String> named(CallContext context) {
        String path;
        try {
            path = context.client().settings().show("search_path").value();
        } catch (PgException unknown) {
            path = "public";
        }
        List<String> schemas = new ArrayList<>();
        for (String part : path.split(",", -1)) {
            String name = part.strip();
            String schema = name.length() > 1 && name.startsWith("\"") && name.endsWith("\"")
                    ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
                    : name.toLowerCase(Locale.ROOT);
            String meant = schema.equals("$user") ? context.client().user() : schema;
            if (Schemas.oid(meant).isPresent() && !schemas.contains(meant)) {
                schemas.add(meant);
            }
        }
        return schemas;
    }
}
