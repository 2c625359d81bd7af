package io.walrelay.proxy.console.type;

/**
 * What the engine keeps values of a type in.
 *
 * @see <a href="https://h2database.com/html/datatypes.html">H2's data types</a>
 */
public enum Storage {
    BOOLEAN("BOOLEAN"),
    INT2("SMALLINT"),
    INT4("INTEGER"),
    INT8("BIGINT"),
    FLOAT4("REAL"),
    FLOAT8("DOUBLE PRECISION"),
    NUMERIC("DECFLOAT"),
    TEXT("VARCHAR"),
    BYTES("VARBINARY"),
    TIMESTAMPTZ("TIMESTAMP(6) WITH TIME ZONE"),
    TIMESTAMP("TIMESTAMP(6)"),
    DATE("DATE"),
    TIME("TIME(6)"),
    /** Microseconds. */
    INTERVAL("BIGINT"),
    /** Unsigned, so that comparing and sorting are the engine's own. */
    LSN("NUMERIC(20)"),
    /** Of the storage of the element. */
    ARRAY("ARRAY");

    private final String sql;

    Storage(String sql) {
        this.sql = sql;
    }

    /** The type in the engine's SQL; numbers of any scale are never converted to it, which would strip zeros. */
    public String sql() {
        return sql;
    }

    /** Whether the engine computes with it as with numbers. */
    public boolean isNumber() {
        return switch (this) {
            case INT2, INT4, INT8, FLOAT4, FLOAT8, NUMERIC -> true;
            case BOOLEAN, TEXT, BYTES, TIMESTAMPTZ, TIMESTAMP, DATE, TIME, INTERVAL, LSN, ARRAY -> false;
        };
    }

    static Storage of(String type) {
        return switch (type) {
            case "bool" -> BOOLEAN;
            case "int2" -> INT2;
            case "int4" -> INT4;
            case "int8", "oid", "xid", "cid", "xid8" -> INT8;
            case "float4" -> FLOAT4;
            case "float8" -> FLOAT8;
            case "numeric" -> NUMERIC;
            case "bytea" -> BYTES;
            case "timestamptz" -> TIMESTAMPTZ;
            case "timestamp" -> TIMESTAMP;
            case "date" -> DATE;
            case "time" -> TIME;
            case "interval" -> INTERVAL;
            case "pg_lsn" -> LSN;
            default -> type.startsWith("reg") ? INT8 : TEXT;
        };
    }
}
