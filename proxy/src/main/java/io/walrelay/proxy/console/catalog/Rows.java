package io.walrelay.proxy.console.catalog;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Rows by the names of their columns. A name that a major version lacks is left out by who reads them. */
final class Rows {
    private Rows() {}

    /** A row of these names and values, alternately; empty options are null. */
    static Map<String, @Nullable Object> row(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> row = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            row.put(String.valueOf(namesAndValues[i]), plain(namesAndValues[i + 1]));
        }
        return row;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Optional<?> option -> option.orElse(null);
            case OptionalLong option -> option.isPresent() ? option.getAsLong() : null;
            default -> value;
        };
    }
}
