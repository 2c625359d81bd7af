package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.function.Body;
import io.walrelay.proxy.console.type.PgType;
import java.util.List;

/**
 * A function as a statement calls it.
 *
 * @param name for error messages
 * @param arguments their types
 * @param admin whether only the admin role may
 */
public record BoundBody(String name, Body body, List<PgType> arguments, PgType result, boolean strict, boolean admin) {
    /** Copies the list. */
    public BoundBody {
        arguments = List.copyOf(arguments);
    }
}
