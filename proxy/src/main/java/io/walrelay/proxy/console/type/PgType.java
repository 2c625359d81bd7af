package io.walrelay.proxy.console.type;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A type: a row of {@code pg_type}.
 *
 * @param category {@code typcategory}
 * @param preferred {@code typispreferred}
 * @param kind {@code typtype}: b base, p pseudo
 * @param element what it is an array of
 * @param arrayOid the type of arrays of it; 0 for none
 */
public record PgType(
        String name,
        int oid,
        short length,
        char category,
        boolean preferred,
        char kind,
        Storage storage,
        Optional<PgType> element,
        int arrayOid,
        char delimiter,
        boolean byValue,
        int since,
        int until) {

    /** Whether values are arrays. */
    public boolean isArray() {
        return element.isPresent();
    }

    /** Whether it is one of the string types, which convert to text without being asked to. */
    public boolean isString() {
        return category == 'S' || name.equals("char");
    }

    /** Whether it is a name for the oid of something: {@code regclass}. */
    public boolean isReg() {
        return name.startsWith("reg");
    }

    /** Whether values are kept, compared and added as numbers. */
    public boolean isNumber() {
        return category == 'N' && storage.isNumber();
    }

    /** Whether this stands for a family of types in a signature: {@code anyelement}. */
    public boolean isPolymorphic() {
        return kind == 'p' && name.startsWith("any");
    }

    /** The type in the engine's SQL. */
    public String sql() {
        return element.map(type -> type.storage.sql() + " ARRAY").orElse(storage.sql());
    }

    /** The name that SQL gives it, as error messages and {@code format_type} do: {@code integer}, {@code text[]}. */
    public String sqlName() {
        if (isArray() && name.startsWith("_")) {
            return element.orElseThrow().sqlName() + "[]";
        }
        return switch (name) {
            case "bool" -> "boolean";
            case "int2" -> "smallint";
            case "int4" -> "integer";
            case "int8" -> "bigint";
            case "float4" -> "real";
            case "float8" -> "double precision";
            case "char" -> "\"char\"";
            case "bpchar" -> "character";
            case "varchar" -> "character varying";
            case "timestamp" -> "timestamp without time zone";
            case "timestamptz" -> "timestamp with time zone";
            case "time" -> "time without time zone";
            case "timetz" -> "time with time zone";
            case "bit" -> "bit";
            case "varbit" -> "bit varying";
            case "any" -> "\"any\"";
            default -> name;
        };
    }

    /** There is one object for each OID. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PgType type && type.oid == oid;
    }

    @Override
    public int hashCode() {
        return oid;
    }

    @Override
    public String toString() {
        return name;
    }
}
