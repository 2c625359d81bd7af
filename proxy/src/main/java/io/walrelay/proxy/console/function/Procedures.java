package io.walrelay.proxy.console.function;

import io.walrelay.proxy.console.catalog.Roles;
import io.walrelay.proxy.console.catalog.Schemas;
import io.walrelay.proxy.console.type.PgType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The functions as {@code pg_proc} shows them, as far as {@code \df} and drivers look. */
public final class Procedures {
    /** OIDs that PostgreSQL gives to nothing that is here. */
    private static final int FIRST_OID = 14_000;

    private static final List<PgFunction> ALL = FunctionCatalog.all();

    private Procedures() {}

    /** The function with this OID. */
    static Optional<PgFunction> find(long oid) {
        long at = oid - FIRST_OID;
        return at >= 0 && at < ALL.size() ? Optional.of(ALL.get((int) at)) : Optional.empty();
    }

    /** {@code pg_get_function_arguments}. */
    static String arguments(PgFunction function) {
        List<String> types = new ArrayList<>();
        for (int i = 0; i < function.arguments().size(); i++) {
            boolean last = i == function.arguments().size() - 1;
            String name = function.arguments().get(i).sqlName();
            types.add(last && function.variadic() ? "VARIADIC " + name : name);
        }
        return String.join(", ", types);
    }

    /** {@code pg_get_function_result}. */
    static String result(PgFunction function) {
        return (function.rows() ? "SETOF " : "") + function.result().sqlName();
    }

    /** The rows. */
    public static List<Map<String, @Nullable Object>> rows() {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (int i = 0; i < ALL.size(); i++) {
            PgFunction function = ALL.get(i);
            Map<String, @Nullable Object> row = new HashMap<>();
            row.put("oid", (long) FIRST_OID + i);
            row.put("proname", function.name());
            row.put("pronamespace", Schemas.oid(function.schema()).orElse(0L));
            row.put("proowner", Roles.OWNER);
            row.put("prolang", 12L);
            row.put("prokind", "f");
            row.put("proisstrict", function.strict());
            row.put("proretset", function.rows());
            row.put("provolatile", function.admin() ? "v" : "s");
            row.put("proparallel", "u");
            row.put("pronargs", function.arguments().size());
            row.put("pronargdefaults", function.arguments().size() - function.required());
            row.put("prorettype", (long) function.result().oid());
            row.put(
                    "proargtypes",
                    function.arguments().stream()
                            .map(PgType::oid)
                            .map(Integer::longValue)
                            .collect(Collectors.toList()));
            row.put("prosrc", function.name());
            rows.add(row);
        }
        return rows;
    }
}
