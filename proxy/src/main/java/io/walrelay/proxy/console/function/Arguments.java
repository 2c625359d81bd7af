package io.walrelay.proxy.console.function;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Arguments of functions that are strict, and so never null. */
final class Arguments {
    private Arguments() {}

    static String text(@Nullable Object[] arguments, int index) {
        return String.valueOf(arguments[index]);
    }

    static int integer(@Nullable Object[] arguments, int index) {
        return ((Number) Objects.requireNonNull(arguments[index])).intValue();
    }

    static long bigint(@Nullable Object[] arguments, int index) {
        return ((Number) Objects.requireNonNull(arguments[index])).longValue();
    }

    static double real(@Nullable Object[] arguments, int index) {
        return ((Number) Objects.requireNonNull(arguments[index])).doubleValue();
    }

    static BigDecimal numeric(@Nullable Object[] arguments, int index) {
        Object value = Objects.requireNonNull(arguments[index]);
        return value instanceof BigDecimal decimal ? decimal : new BigDecimal(value.toString());
    }

    static boolean truth(@Nullable Object[] arguments, int index) {
        return (Boolean) Objects.requireNonNull(arguments[index]);
    }

    static List<?> list(@Nullable Object[] arguments, int index) {
        return (List<?>) Objects.requireNonNull(arguments[index]);
    }

    static <T> T value(Class<T> type, @Nullable Object[] arguments, int index) {
        return type.cast(Objects.requireNonNull(arguments[index]));
    }
}
