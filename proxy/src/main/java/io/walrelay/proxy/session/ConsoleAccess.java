package io.walrelay.proxy.session;

import io.walrelay.proxy.console.Console;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What sessions that speak SQL work with.
 *
 * @param console that answers them
 * @param workers on which it does; bounded in number, and each session is there once at most
 * @param timer of their time-outs
 */
public record ConsoleAccess(Console console, Executor workers, ScheduledExecutorService timer) {
    /** The one database that there is. */
    public static final String DATABASE = "postgres";
}
