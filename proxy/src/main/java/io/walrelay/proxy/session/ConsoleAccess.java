package io.walrelay.proxy.session;

import io.walrelay.proxy.console.Console;
import io.walrelay.proxy.console.ConsoleClient;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What sessions that speak SQL work with.
 *
 * @param console that answers them
 * @param everybodys workers, on which it does; bounded in number, and each session is there once at most
 * @param admins workers of those in {@code admin_users}, likewise
 * @param timer of their time-outs
 */
public record ConsoleAccess(Console console, Executor everybodys, Executor admins, ScheduledExecutorService timer) {
    /** The one database that there is. */
    public static final String DATABASE = "postgres";

    /** On which this client's statements run. */
    Executor workers(ConsoleClient client) {
        return client.admin() ? admins : everybodys;
    }
}
