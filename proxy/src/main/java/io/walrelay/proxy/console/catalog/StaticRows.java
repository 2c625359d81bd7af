package io.walrelay.proxy.console.catalog;

import static io.walrelay.proxy.console.catalog.Rows.row;

import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of what describes the catalogue itself, which stay the same for a major version. Relations that are neither
 * here nor in {@link LiveRows} have none.
 */
public final class StaticRows {
    private StaticRows() {}

    /** The rows of a relation. */
    public static List<Map<String, @Nullable Object>> of(Catalog catalog, Relation relation) {
        return filled(relation, rows(catalog, relation));
    }

    /** These rows, with what a column of a table holds that has nothing to say. */
    public static List<Map<String, @Nullable Object>> filled(
            Relation relation, List<Map<String, @Nullable Object>> rows) {
        if (!relation.view()) {
            rows.forEach(row -> relation.fields().forEach(field -> {
                if (!row.containsKey(field.name())) {
                    row.put(field.name(), zero(field.type()));
                }
            }));
        }
        return rows;
    }

    /** What stands in a column of a table that has nothing to say: most are declared not null. */
    private static @Nullable Object zero(PgType type) {
        return switch (type.storage()) {
            case BOOLEAN -> false;
            case INT2, INT4, INT8, FLOAT4, FLOAT8 -> 0;
            case NUMERIC -> BigDecimal.ZERO;
            case TEXT -> type.name().equals("name") || type.name().equals("char") ? "" : null;
            case BYTES, TIMESTAMPTZ, TIMESTAMP, DATE, TIME, INTERVAL, LSN, ARRAY -> null;
        };
    }

    private static List<Map<String, @Nullable Object>> rows(Catalog catalog, Relation relation) {
        return switch (relation.key()) {
            case "pg_catalog.pg_namespace" -> namespaces();
            case "pg_catalog.pg_get_keywords()" -> KeywordRows.of(catalog.major());
            case "pg_catalog.pg_class" -> classes(catalog);
            case "pg_catalog.pg_attribute" -> attributes(catalog);
            case "pg_catalog.pg_type" -> types(catalog);
            case "pg_catalog.pg_am" ->
                new ArrayList<>(List.of(
                        row("oid", 2L, "amname", "heap", "amtype", "t"),
                        row("oid", 403L, "amname", "btree", "amtype", "i")));
            case "pg_catalog.pg_collation" ->
                new ArrayList<>(List.of(
                        row(
                                "oid",
                                100L,
                                "collname",
                                "default",
                                "collnamespace",
                                11L,
                                "collowner",
                                10L,
                                "collprovider",
                                "d"),
                        row(
                                "oid",
                                950L,
                                "collname",
                                "C",
                                "collnamespace",
                                11L,
                                "collowner",
                                10L,
                                "collprovider",
                                "c")));
            case "pg_catalog.pg_tablespace" ->
                new ArrayList<>(List.of(
                        row("oid", 1663L, "spcname", "pg_default", "spcowner", 10L),
                        row("oid", 1664L, "spcname", "pg_global", "spcowner", 10L)));
            case "pg_catalog.pg_views" -> views(catalog);
            case "information_schema.schemata" -> schemata();
            case "information_schema.tables" -> tables(catalog);
            case "information_schema.columns" -> columns(catalog);
            default -> new ArrayList<>();
        };
    }

    private static List<Map<String, @Nullable Object>> namespaces() {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        Schemas.all().forEach((name, oid) -> rows.add(row("oid", oid, "nspname", name, "nspowner", Roles.OWNER)));
        return rows;
    }

    private static List<Map<String, @Nullable Object>> classes(Catalog catalog) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (Relation relation : catalog.relations()) {
            rows.add(row(
                    "oid",
                    (long) relation.oid(),
                    "relname",
                    relation.name(),
                    "relnamespace",
                    Schemas.oid(relation.schema()),
                    "relowner",
                    Roles.OWNER,
                    "relam",
                    relation.view() ? 0L : 2L,
                    "relkind",
                    relation.view() ? "v" : "r",
                    "relpersistence",
                    "p",
                    "relreplident",
                    "n",
                    "relispopulated",
                    true,
                    "relnatts",
                    relation.fields().size()));
        }
        return rows;
    }

    private static List<Map<String, @Nullable Object>> attributes(Catalog catalog) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (Relation relation : catalog.relations()) {
            int number = 0;
            for (Relation.Field field : relation.fields()) {
                rows.add(row(
                        "attrelid",
                        (long) relation.oid(),
                        "attname",
                        field.name(),
                        "atttypid",
                        (long) field.type().oid(),
                        "attlen",
                        field.type().length(),
                        "attnum",
                        field.hidden() ? -2 : ++number,
                        "atttypmod",
                        -1,
                        "attcacheoff",
                        -1,
                        "attbyval",
                        field.type().byValue(),
                        "attidentity",
                        "",
                        "attgenerated",
                        "",
                        "attislocal",
                        true,
                        "attcollation",
                        field.type().isString() ? 100L : 0L));
            }
        }
        return rows;
    }

    private static List<Map<String, @Nullable Object>> types(Catalog catalog) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (PgType type : PgTypes.all()) {
            if (catalog.major() < type.since() || catalog.major() > type.until()) {
                continue;
            }
            rows.add(row(
                    "oid",
                    (long) type.oid(),
                    "typname",
                    type.name(),
                    "typnamespace",
                    11L,
                    "typowner",
                    Roles.OWNER,
                    "typlen",
                    type.length(),
                    "typbyval",
                    type.byValue(),
                    "typtype",
                    String.valueOf(type.kind()),
                    "typcategory",
                    String.valueOf(type.category()),
                    "typispreferred",
                    type.preferred(),
                    "typisdefined",
                    true,
                    "typdelim",
                    String.valueOf(type.delimiter()),
                    "typelem",
                    (long) type.element().map(PgType::oid).orElse(0),
                    "typarray",
                    (long) type.arrayOid(),
                    "typtypmod",
                    -1,
                    "typcollation",
                    type.isString() ? 100L : 0L,
                    "typinput",
                    type.isArray() ? 750L : 0L));
        }
        return rows;
    }

    private static List<Map<String, @Nullable Object>> views(Catalog catalog) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (Relation relation : catalog.relations()) {
            if (relation.view()) {
                rows.add(row("schemaname", relation.schema(), "viewname", relation.name(), "viewowner", "walrelay"));
            }
        }
        return rows;
    }

    private static List<Map<String, @Nullable Object>> schemata() {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (String schema : Schemas.all().keySet()) {
            rows.add(row("catalog_name", "walrelay", "schema_name", schema, "schema_owner", "walrelay"));
        }
        return rows;
    }

    private static List<Map<String, @Nullable Object>> tables(Catalog catalog) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (Relation relation : catalog.relations()) {
            rows.add(row(
                    "table_catalog",
                    "walrelay",
                    "table_schema",
                    relation.schema(),
                    "table_name",
                    relation.name(),
                    "table_type",
                    relation.view() ? "VIEW" : "BASE TABLE",
                    "is_insertable_into",
                    "NO",
                    "is_typed",
                    "NO"));
        }
        return rows;
    }

    private static List<Map<String, @Nullable Object>> columns(Catalog catalog) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (Relation relation : catalog.relations()) {
            int number = 0;
            for (Relation.Field field : relation.fields()) {
                if (!field.hidden()) {
                    rows.add(row(
                            "table_catalog",
                            "walrelay",
                            "table_schema",
                            relation.schema(),
                            "table_name",
                            relation.name(),
                            "column_name",
                            field.name(),
                            "ordinal_position",
                            ++number,
                            "is_nullable",
                            "YES",
                            "data_type",
                            field.type().isArray() ? "ARRAY" : field.type().sqlName(),
                            "udt_schema",
                            "pg_catalog",
                            "udt_name",
                            field.type().name(),
                            "is_updatable",
                            "NO"));
                }
            }
        }
        return rows;
    }
}
