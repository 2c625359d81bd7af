package io.walrelay.proxy.console.function;

import io.walrelay.proxy.console.type.PgType;
import java.util.List;

/**
 * A function.
 *
 * @param arguments types; for a variadic one the last is that of each further argument
 * @param required how many of them have to be given; the others have defaults
 * @param rows whether it gives rows (a list) and not a value
 * @param strict whether it is null if an argument is, without being called
 * @param admin whether only the admin role may call it
 */
public record PgFunction(
        String schema,
        String name,
        List<PgType> arguments,
        int required,
        boolean variadic,
        PgType result,
        boolean rows,
        boolean strict,
        boolean admin,
        Body body) {
    /** Copies the list. */
    public PgFunction {
        arguments = List.copyOf(arguments);
    }
}
