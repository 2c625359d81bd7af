package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.PgFunction;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Functions that give a record: the fields that they have in FROM. */
final class RecordFields {
    private static final Map<String, PgFunction> AS_TEXTS = new HashMap<>();

    private RecordFields() {}

    /** A field. */
    record Field(String name, PgType type) {}

    static List<Field> of(String function) {
        return switch (function) {
            case "pg_create_physical_replication_slot" ->
                List.of(new Field("slot_name", PgTypes.NAME), new Field("lsn", PgTypes.PG_LSN));
            case "pg_replication_slot_advance" ->
                List.of(new Field("slot_name", PgTypes.NAME), new Field("end_lsn", PgTypes.PG_LSN));
            default -> List.of();
        };
    }

    /** The same function, with the fields as an array of texts: so it is called once for all of them. */
    static synchronized PgFunction asTexts(PgFunction function) {
        return AS_TEXTS.computeIfAbsent(
                function.name(),
                name -> new PgFunction(
                        function.schema(),
                        name,
                        function.arguments(),
                        function.required(),
                        false,
                        PgTypes.of("_text"),
                        false,
                        function.strict(),
                        function.admin(),
                        (context, arguments) -> {
                            List<Object> texts = new ArrayList<>();
                            for (Object field : (List<?>)
                                    Objects.requireNonNull(function.body().call(context, arguments))) {
                                texts.add(
                                        field == null ? null : context.output().write(field));
                            }
                            return texts;
                        }));
    }
}
