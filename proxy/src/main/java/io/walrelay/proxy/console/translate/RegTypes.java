package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.type.PgType;

/** Values of {@code regclass} and the like. */
public final class RegTypes {
    private RegTypes() {}

    /** The name that stands for the OID in text. */
    public static String name(Catalog catalog, PgType type, long oid) {
        return Coercion.RegNames.name(catalog, type, oid);
    }
}
