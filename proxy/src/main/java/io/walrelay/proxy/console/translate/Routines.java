package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.type.PgType;
import java.util.Locale;

/** The engine's names of the routines through which it calls functions: one for each kind of result. */
public final class Routines {
    private Routines() {}

    /** The routine for a result of this type, quoted. */
    public static String name(PgType result) {
        String kind = result.element()
                .map(element -> element.storage().name() + "_ARRAY")
                .orElse(result.storage().name());
        return "\"call_" + kind.toLowerCase(Locale.ROOT) + "\"";
    }
}
