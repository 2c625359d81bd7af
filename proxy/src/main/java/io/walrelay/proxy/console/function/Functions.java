package io.walrelay.proxy.console.function;

import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A list of functions under construction. Signatures are written as {@code name(type, type) type}: {@code type = }
 * marks an argument that may be left out, {@code type...} one that may be repeated, {@code setof type} rows.
 */
final class Functions {
    private final String schema;
    private final Map<String, List<PgFunction>> byName = new LinkedHashMap<>();

    Functions(String schema) {
        this.schema = schema;
    }

    Map<String, List<PgFunction>> byName() {
        return byName;
    }

    /** A function that is null for a null argument. */
    Functions add(String signature, Body body) {
        return add(signature, true, false, body);
    }

    /** A function that looks at null arguments itself. */
    Functions addNullable(String signature, Body body) {
        return add(signature, false, false, body);
    }

    /** A function that changes something. */
    Functions addAdmin(String signature, Body body) {
        return add(signature, true, true, body);
    }

    private Functions add(String signature, boolean strict, boolean admin, Body body) {
        int open = signature.indexOf('(');
        int close = signature.lastIndexOf(')');
        String list = signature.substring(open + 1, close).strip();
        List<PgType> arguments = new ArrayList<>();
        int required = 0;
        boolean variadic = false;
        for (String argument : list.isEmpty() ? new String[0] : list.split(",", -1)) {
            String type = argument.strip();
            variadic = type.endsWith("...");
            if (!type.endsWith("=") && !variadic) {
                required = arguments.size() + 1;
            }
            arguments.add(PgTypes.of(type.replace("...", "").replace("=", "").strip()));
        }
        String result = signature.substring(close + 1).strip();
        boolean rows = result.startsWith("setof ");
        PgFunction function = new PgFunction(
                schema,
                signature.substring(0, open),
                arguments,
                required,
                variadic,
                PgTypes.of(rows ? result.substring(6) : result),
                rows,
                strict,
                admin,
                body);
        byName.computeIfAbsent(function.name(), name -> new ArrayList<>()).add(function);
        return this;
    }
}
