package io.walrelay.wire.message;

/**
 * A column of a RowDescription. Columns of replication commands come of no table and in text format.
 *
 * @param name column name
 * @param tableOid 0 where it is not a column of a table
 * @param attributeNumber 0 where it is not a column of a table
 * @param typeOid OID in {@code pg_type}
 * @param typeLength bytes, negative for a variable length ({@code typlen})
 * @param typeModifier {@code atttypmod}, -1 for none
 * @param format 0 text, 1 binary
 */
public record Column(
        String name,
        int tableOid,
        short attributeNumber,
        int typeOid,
        short typeLength,
        int typeModifier,
        short format) {
    /** OID of {@code bytea}. */
    public static final int BYTEA = 17;

    /** OID of {@code int8}. */
    public static final int INT8 = 20;

    /** OID of {@code int4}. */
    public static final int INT4 = 23;

    /** OID of {@code text}. */
    public static final int TEXT = 25;

    /** OID of {@code oid}. */
    public static final int OID = 26;

    /** A column of no table, in text format. */
    public Column(String name, int typeOid, short typeLength, int typeModifier) {
        this(name, 0, (short) 0, typeOid, typeLength, typeModifier, (short) 0);
    }

    /** A column of type {@code text}. */
    public static Column text(String name) {
        return new Column(name, TEXT, (short) -1, -1);
    }

    /** A column of type {@code bytea}. */
    public static Column bytea(String name) {
        return new Column(name, BYTEA, (short) -1, -1);
    }

    /** A column of type {@code int4}. */
    public static Column int4(String name) {
        return new Column(name, INT4, (short) 4, -1);
    }

    /** A column of type {@code int8}. */
    public static Column int8(String name) {
        return new Column(name, INT8, (short) 8, -1);
    }

    /** A column of type {@code oid}. */
    public static Column oid(String name) {
        return new Column(name, OID, (short) 4, -1);
    }

    /** The same column in this format: 0 text, 1 binary. */
    public Column withFormat(short newFormat) {
        return new Column(name, tableOid, attributeNumber, typeOid, typeLength, typeModifier, newFormat);
    }

    /** The same column with this type modifier: some versions send 0 where others send -1. */
    public Column withTypeModifier(int modifier) {
        return new Column(name, tableOid, attributeNumber, typeOid, typeLength, modifier, format);
    }
}
