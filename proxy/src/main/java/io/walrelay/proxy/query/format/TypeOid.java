package io.walrelay.proxy.query.format;

import java.util.Map;

/**
 * The types whose values are written or read in a form of their own, by their OIDs in {@code pg_type}. All others are
 * text in both formats.
 *
 * @see <a href="https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat">pg_type.dat</a>
 */
final class TypeOid {
    static final int BOOL = 16;
    static final int BYTEA = 17;
    static final int CHAR = 18;
    static final int NAME = 19;
    static final int INT8 = 20;
    static final int INT2 = 21;
    static final int INT4 = 23;
    static final int TEXT = 25;
    static final int OID = 26;
    static final int XID = 28;
    static final int CID = 29;
    static final int JSON = 114;
    static final int CIDR = 650;
    static final int FLOAT4 = 700;
    static final int FLOAT8 = 701;
    static final int UNKNOWN = 705;
    static final int INET = 869;
    static final int BPCHAR = 1042;
    static final int VARCHAR = 1043;
    static final int DATE = 1082;
    static final int TIME = 1083;
    static final int TIMESTAMP = 1114;
    static final int TIMESTAMPTZ = 1184;
    static final int INTERVAL = 1186;
    static final int NUMERIC = 1700;
    static final int VOID = 2278;
    static final int PG_LSN = 3220;
    static final int JSONB = 3802;
    static final int XID8 = 5069;

    /** From an array type to the type of its elements. */
    private static final Map<Integer, Integer> ELEMENTS = Map.ofEntries(
            Map.entry(1000, BOOL),
            Map.entry(1001, BYTEA),
            Map.entry(1002, CHAR),
            Map.entry(1003, NAME),
            Map.entry(1005, INT2),
            Map.entry(1007, INT4),
            Map.entry(1009, TEXT),
            Map.entry(1014, BPCHAR),
            Map.entry(1015, VARCHAR),
            Map.entry(1016, INT8),
            Map.entry(1021, FLOAT4),
            Map.entry(1022, FLOAT8),
            Map.entry(1028, OID),
            Map.entry(1011, XID),
            Map.entry(1041, INET),
            Map.entry(1115, TIMESTAMP),
            Map.entry(1182, DATE),
            Map.entry(1183, TIME),
            Map.entry(1185, TIMESTAMPTZ),
            Map.entry(1187, INTERVAL),
            Map.entry(1231, NUMERIC),
            Map.entry(199, JSON),
            Map.entry(3221, PG_LSN),
            Map.entry(3807, JSONB));

    /** As error messages name them: {@code format_type}. */
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(BOOL, "boolean"),
            Map.entry(BYTEA, "bytea"),
            Map.entry(INT2, "smallint"),
            Map.entry(INT4, "integer"),
            Map.entry(INT8, "bigint"),
            Map.entry(OID, "oid"),
            Map.entry(XID, "xid"),
            Map.entry(CID, "cid"),
            Map.entry(FLOAT4, "real"),
            Map.entry(FLOAT8, "double precision"),
            Map.entry(NUMERIC, "numeric"),
            Map.entry(INET, "inet"),
            Map.entry(CIDR, "cidr"),
            Map.entry(DATE, "date"),
            Map.entry(TIME, "time"),
            Map.entry(TIMESTAMP, "timestamp"),
            Map.entry(TIMESTAMPTZ, "timestamp with time zone"),
            Map.entry(INTERVAL, "interval"),
            Map.entry(PG_LSN, "pg_lsn"),
            Map.entry(XID8, "xid8"));

    private TypeOid() {}

    /** The type of the elements of an array type; 0 if it is none. */
    static int element(int type) {
        return ELEMENTS.getOrDefault(type, 0);
    }

    static String name(int type) {
        return NAMES.getOrDefault(type, "text");
    }
}
