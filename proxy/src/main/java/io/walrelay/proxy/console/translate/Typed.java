package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.type.PgType;
import io.walrelay.proxy.console.type.PgTypes;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An expression in the engine's SQL, and its type.
 *
 * @param at where it stands in the client's statement
 * @param literal the text of a string literal that has no type yet
 * @param parameter number of a parameter that has no type yet; 0 for none
 */
record Typed(int at, String sql, PgType type, @Nullable String literal, int parameter) {
    static Typed of(int at, String sql, PgType type) {
        return new Typed(at, sql, type, null, 0);
    }

    /** Their SQL, with commas between. */
    static String list(List<Typed> values) {
        return values.stream().map(Typed::sql).collect(Collectors.joining(", "));
    }

    boolean isUnknown() {
        return type.equals(PgTypes.UNKNOWN);
    }

    Typed at(int position) {
        return new Typed(position, sql, type, literal, parameter);
    }
}
