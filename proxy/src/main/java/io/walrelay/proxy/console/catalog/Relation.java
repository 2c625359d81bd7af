package io.walrelay.proxy.console.catalog;

import io.walrelay.proxy.console.type.PgType;
import java.util.List;

/** A table or a view of one major version. */
public record Relation(int oid, String schema, String name, boolean view, List<Field> fields) {
    /** Copies the list. */
    public Relation {
        fields = List.copyOf(fields);
    }

    /** A column; {@code hidden}: not among those that {@code *} means, as {@code oid} was not before 12. */
    public record Field(String name, PgType type, boolean hidden) {}

    /** Schema and name. */
    public String key() {
        return schema + "." + name;
    }
}
