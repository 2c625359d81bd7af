package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.bigint;
import static io.walrelay.proxy.console.function.Arguments.integer;
import static io.walrelay.proxy.console.function.Arguments.text;

import io.walrelay.proxy.console.catalog.Relation;
import io.walrelay.proxy.console.catalog.Roles;
import io.walrelay.proxy.console.catalog.Schemas;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What clients ask of the catalogue. Privileges are simple: everybody may read every view.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CATALOG">System Catalog
 *     Information Functions</a>
 */
final class CatalogFunctions {
    private CatalogFunctions() {}

    private static @Nullable Object procedure(@Nullable Object[] arguments, Function<PgFunction, String> shown) {
        return Procedures.find(bigint(arguments, 0)).map(shown).orElse(null);
    }

    static Functions all() {
        Functions functions = new Functions("pg_catalog")
                .add("pg_get_userbyid(oid) name", (c, a) -> Roles.name(c.relay().roles(), bigint(a, 0)))
                .add("pg_table_is_visible(oid) bool", CatalogFunctions::visible)
                .add(
                        "pg_type_is_visible(oid) bool",
                        (c, a) -> PgTypes.find(integer(a, 0)).map(type -> true).orElse(null))
                .add("pg_function_is_visible(oid) bool", (c, a) -> true)
                .add("pg_encoding_to_char(int4) name", (c, a) -> integer(a, 0) == 6 ? "UTF8" : "SQL_ASCII")
                .add("pg_char_to_encoding(name) int4", (c, a) -> text(a, 0).equalsIgnoreCase("utf8") ? 6 : 0)
                .add("getdatabaseencoding() name", (c, a) -> "UTF8")
                .add(
                        "pg_client_encoding() name",
                        (c, a) -> c.client().settings().show("client_encoding").value())
                .addNullable("format_type(oid, int4) text", CatalogFunctions::formatType)
                .add("obj_description(oid, name) text", (c, a) -> null)
                .add("obj_description(oid) text", (c, a) -> null)
                .add("col_description(oid, int4) text", (c, a) -> null)
                .add("shobj_description(oid, name) text", (c, a) -> null)
                .add("pg_get_expr(pg_node_tree, oid) text", (c, a) -> null)
                .add("pg_get_expr(pg_node_tree, oid, bool) text", (c, a) -> null)
                .add("pg_get_viewdef(oid, bool =) text", (c, a) -> "")
                .add("pg_get_indexdef(oid) text", (c, a) -> null)
                .add("pg_get_indexdef(oid, int4, bool) text", (c, a) -> null)
                .add("pg_get_constraintdef(oid, bool =) text", (c, a) -> null)
                .add("pg_get_triggerdef(oid, bool =) text", (c, a) -> null)
                .add("pg_get_ruledef(oid, bool =) text", (c, a) -> null)
                .add("pg_get_functiondef(oid) text", (c, a) -> null)
                .add("pg_get_function_result(oid) text", (c, a) -> procedure(a, Procedures::result))
                .add("pg_get_function_arguments(oid) text", (c, a) -> procedure(a, Procedures::arguments))
                .add("pg_get_function_identity_arguments(oid) text", (c, a) -> procedure(a, Procedures::arguments))
                .add("pg_get_partkeydef(oid) text", (c, a) -> null)
                .add("pg_get_statisticsobjdef_columns(oid) text", (c, a) -> null)
                .add("pg_get_serial_sequence(text, text) text", (c, a) -> null)
                .add("pg_relation_is_publishable(regclass) bool", (c, a) -> false)
                .add("pg_tablespace_location(oid) text", (c, a) -> "")
                .add("pg_relation_size(regclass) int8", (c, a) -> 0L)
                .add("pg_total_relation_size(regclass) int8", (c, a) -> 0L)
                .add("pg_table_size(regclass) int8", (c, a) -> 0L)
                .add("pg_indexes_size(regclass) int8", (c, a) -> 0L)
                .add("pg_database_size(name) int8", (c, a) -> 0L)
                .add("pg_database_size(oid) int8", (c, a) -> 0L)
                .add("pg_tablespace_size(name) int8", (c, a) -> 0L)
                .add("pg_stat_get_numscans(oid) int8", (c, a) -> 0L)
                .add("pg_filenode_relation(oid, oid) regclass", (c, a) -> null)
                // Its rows are a relation in FROM; elsewhere functions that give rows are refused.
                .add("pg_get_keywords() setof record", (c, a) -> List.of())
                .add(
                        "to_regclass(text) regclass",
                        (c, a) -> c.catalog()
                                .find(text(a, 0))
                                .map(relation -> (Object) (long) relation.oid())
                                .orElse(null))
                .add(
                        "to_regtype(text) regtype",
                        (c, a) -> PgTypes.find(text(a, 0))
                                .map(type -> (Object) (long) type.oid())
                                .orElse(null))
                .add(
                        "to_regnamespace(text) regnamespace",
                        (c, a) ->
                                Schemas.oid(text(a, 0)).map(oid -> (Object) oid).orElse(null))
                .add("pg_size_pretty(int8) text", (c, a) -> pretty(BigDecimal.valueOf(bigint(a, 0))))
                .add("pg_size_pretty(numeric) text", (c, a) -> pretty(Arguments.numeric(a, 0)));
        for (String object :
                List.of("table", "schema", "database", "function", "tablespace", "sequence", "type", "language")) {
            for (String of : List.of("text", "oid")) {
                functions.add("has_" + object + "_privilege(" + of + ", text) bool", (c, a) -> readOnly(text(a, 1)));
                functions.add(
                        "has_" + object + "_privilege(name, " + of + ", text) bool", (c, a) -> readOnly(text(a, 2)));
            }
        }
        return functions
                .add("has_any_column_privilege(oid, text) bool", (c, a) -> readOnly(text(a, 1)))
                .add("has_column_privilege(oid, int2, text) bool", (c, a) -> readOnly(text(a, 2)))
                .add("pg_has_role(name, text) bool", (c, a) -> pgHasRole(c))
                .add("pg_has_role(name, name, text) bool", (c, a) -> pgHasRole(c))
                .add("pg_has_role(oid, text) bool", (c, a) -> pgHasRole(c));
    }

    private static boolean pgHasRole(CallContext context) {
        return context.client().admin();
    }

    private static boolean readOnly(String privilege) {
        return switch (privilege.strip().toUpperCase(Locale.ROOT)) {
            case "SELECT", "USAGE", "CONNECT", "EXECUTE" -> true;
            default -> false;
        };
    }

    private static @Nullable Object visible(CallContext context, @Nullable Object[] arguments) {
        Optional<Relation> relation = context.catalog().find(bigint(arguments, 0));
        return relation.map(found -> context.catalog()
                        .find(found.name())
                        .filter(found::equals)
                        .isPresent())
                .orElse(null);
    }

    private static @Nullable Object formatType(CallContext context, @Nullable Object[] arguments) {
        if (arguments[0] == null) {
            return null;
        }
        long oid = bigint(arguments, 0);
        return PgTypes.find((int) oid).map(PgType::sqlName).orElse(oid == 0 ? "-" : "???");
    }

    /**
     * As {@code pg_size_pretty} in {@code dbsize.c}: up to ten thousand of a unit, and halves rounded away from zero.
     */
    static String pretty(BigDecimal bytes) {
        BigDecimal size = bytes.stripTrailingZeros();
        String[] units = {"bytes", "kB", "MB", "GB", "TB", "PB"};
        BigDecimal limit = BigDecimal.valueOf(10 * 1024);
        int unit = 0;
        boolean halves = false;
        while (unit < units.length - 1
                && size.abs()
                                .compareTo(
                                        halves
                                                ? limit.multiply(BigDecimal.valueOf(2))
                                                        .subtract(BigDecimal.ONE)
                                                : limit)
                        >= 0) {
            // Kept doubled from kB on, so that the last digit can be rounded.
            BigDecimal divisor = BigDecimal.valueOf(halves ? 1024 : 512);
            size = size.divideToIntegralValue(divisor);
            halves = true;
            unit++;
        }
        if (halves) {
            size = size.add(BigDecimal.valueOf(size.signum()))
                    .divideToIntegralValue(BigDecimal.valueOf(2))
                    .setScale(0, RoundingMode.DOWN);
        }
        return size.toPlainString() + " " + units[unit];
    }
}
