package io.walrelay.proxy.console.function;

import org.jspecify.annotations.Nullable;

/** What a function does. */
@FunctionalInterface
public interface Body {
    /** @param arguments in the Java types of {@link io.walrelay.proxy.console.ConsoleResult} */
    @Nullable
    Object call(CallContext context, @Nullable Object[] arguments);
}
