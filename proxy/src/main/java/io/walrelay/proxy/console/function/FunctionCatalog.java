package io.walrelay.proxy.console.function;

import io.walrelay.proxy.console.catalog.Catalog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All functions. */
public final class FunctionCatalog {
    private static final Map<String, List<PgFunction>> PG_CATALOG = new LinkedHashMap<>();
    private static final Map<String, List<PgFunction>> WALRELAY =
            WalrelayFunctions.all().byName();

    static {
        List.of(
                        SystemFunctions.all(),
                        WalFunctions.all(),
                        AdminFunctions.all(),
                        CatalogFunctions.all(),
                        TextFunctions.all(),
                        MathFunctions.all(),
                        TimeFunctions.all(),
                        ArrayFunctions.all())
                .forEach(part -> part.byName()
                        .forEach((name, list) -> PG_CATALOG
                                .computeIfAbsent(name, absent -> new ArrayList<>())
                                .addAll(list)));
    }

    private FunctionCatalog() {}

    /** The functions of this name, in the schema or, where there is none given, in those of the search path. */
    public static List<PgFunction> named(String schema, String name) {
        return switch (schema) {
            case "" -> {
                List<PgFunction> found = PG_CATALOG.getOrDefault(name, List.of());
                yield found.isEmpty() ? WALRELAY.getOrDefault(name, List.of()) : found;
            }
            case "pg_catalog" -> PG_CATALOG.getOrDefault(name, List.of());
            case Catalog.WALRELAY -> WALRELAY.getOrDefault(name, List.of());
            default -> List.of();
        };
    }

    /** Every function. */
    public static List<PgFunction> all() {
        List<PgFunction> all = new ArrayList<>();
        PG_CATALOG.values().forEach(all::addAll);
        WALRELAY.values().forEach(all::addAll);
        return all;
    }
}
