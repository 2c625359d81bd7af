package io.walrelay.proxy.console.type;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The types of PostgreSQL 10 to 18, read from {@code types.txt}. */
public final class PgTypes {
    private static final Map<Integer, PgType> BY_OID = new LinkedHashMap<>();
    private static final Map<String, PgType> BY_NAME = new LinkedHashMap<>();

    static {
        load();
    }

    public static final PgType BOOL = of("bool");
    public static final PgType BYTEA = of("bytea");
    public static final PgType CHAR = of("char");
    public static final PgType NAME = of("name");
    public static final PgType INT2 = of("int2");
    public static final PgType INT4 = of("int4");
    public static final PgType INT8 = of("int8");
    public static final PgType OID = of("oid");
    public static final PgType FLOAT4 = of("float4");
    public static final PgType FLOAT8 = of("float8");
    public static final PgType NUMERIC = of("numeric");
    public static final PgType TEXT = of("text");
    public static final PgType TIMESTAMPTZ = of("timestamptz");
    public static final PgType TIMESTAMP = of("timestamp");
    public static final PgType DATE = of("date");
    public static final PgType TIME = of("time");
    public static final PgType INTERVAL = of("interval");
    public static final PgType PG_LSN = of("pg_lsn");
    public static final PgType REGCLASS = of("regclass");
    public static final PgType UNKNOWN = of("unknown");
    public static final PgType RECORD = of("record");
    public static final PgType VOID = of("void");

    private PgTypes() {}

    private static void load() {
        try (InputStream in = Objects.requireNonNull(
                        PgTypes.class.getResourceAsStream("/io/walrelay/proxy/console/catalog/types.txt"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            Map<String, String[]> later = new LinkedHashMap<>();
            lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] fields = line.split(" ", -1);
                if (fields[6].equals("0") || fields[0].equals("name")) {
                    add(fields);
                } else {
                    later.put(fields[0], fields);
                }
            });
            later.values().forEach(PgTypes::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(String[] fields) {
        int elementOid = Integer.parseInt(fields[6]);
        boolean array = fields[3].equals("A") && elementOid != 0;
        Optional<PgType> element = array ? Optional.ofNullable(BY_OID.get(elementOid)) : Optional.empty();
        int[] majors = Majors.parse(fields.length > 10 ? fields[10] : "");
        PgType type = new PgType(
                fields[0],
                Integer.parseInt(fields[1]),
                Short.parseShort(fields[2]),
                fields[3].charAt(0),
                fields[4].equals("t"),
                fields[5].charAt(0),
                array ? Storage.ARRAY : Storage.of(fields[0]),
                element,
                Integer.parseInt(fields[7]),
                fields[8].charAt(0),
                fields[9].equals("t"),
                majors[0],
                majors[1]);
        BY_OID.put(type.oid(), type);
        BY_NAME.put(type.name(), type);
    }

    /** All types, elements before their arrays. */
    public static Collection<PgType> all() {
        return BY_OID.values();
    }

    /** The type of this internal name, which must exist. */
    public static PgType of(String name) {
        return Objects.requireNonNull(BY_NAME.get(name), name);
    }

    /** The type of this internal name. */
    public static Optional<PgType> find(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** The type of this OID. */
    public static Optional<PgType> find(int oid) {
        return Optional.ofNullable(BY_OID.get(oid));
    }

    /** The array type. @throws PgException 42704 if there is none */
    public static PgType arrayOf(PgType element) {
        return find(element.arrayOid())
                .filter(type -> element.arrayOid() != 0)
                .orElseThrow(() -> PgException.error(
                        SqlState.UNDEFINED_OBJECT, "could not find array type for data type " + element.sqlName()));
    }
}
