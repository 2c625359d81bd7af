package io.walrelay.proxy.console.catalog;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The schemas and their OIDs. */
public final class Schemas {
    private static final Map<String, Long> OIDS = new LinkedHashMap<>();

    static {
        OIDS.put("pg_catalog", 11L);
        OIDS.put("pg_toast", 99L);
        OIDS.put("public", 2200L);
        OIDS.put("information_schema", 11_999L);
        OIDS.put(Catalog.WALRELAY, 16_383L);
    }

    private Schemas() {}

    /** Names and OIDs. */
    public static Map<String, Long> all() {
        return Map.copyOf(OIDS);
    }

    /** The OID of a schema. */
    public static Optional<Long> oid(String name) {
        return Optional.ofNullable(OIDS.get(name));
    }
}
