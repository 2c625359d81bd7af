package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.text;
import static io.walrelay.proxy.console.function.Arguments.truth;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.ConsoleSettings.Shown;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The session, the server and its settings.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html">System Information Functions</a>
 */
final class SystemFunctions {
    private SystemFunctions() {}

    static Functions all() {
        return new Functions("pg_catalog")
                .add("version() text", (c, a) -> "PostgreSQL " + c.relay().serverVersion() + " (walrelay)")
                .add("current_user() name", (c, a) -> c.client().user())
                .add("session_user() name", (c, a) -> c.client().user())
                .add("user() name", (c, a) -> c.client().user())
                .add("current_role() name", (c, a) -> c.client().user())
                .add("getpgusername() name", (c, a) -> c.client().user())
                .add("current_database() name", (c, a) -> c.client().database())
                .add("current_catalog() name", (c, a) -> c.client().database())
                .add("current_schema() name", (c, a) -> SearchPath.first(c))
                .add("current_schemas(bool) _name", (c, a) -> SearchPath.all(c, truth(a, 0)))
                .add("pg_backend_pid() int4", (c, a) -> c.client().pid())
                .add("inet_client_addr() inet", (c, a) -> host(c.client().remoteAddress()))
                .add("inet_client_port() int4", (c, a) -> port(c.client().remoteAddress()))
                .add("inet_server_addr() inet", (c, a) -> host(c.client().localAddress()))
                .add("inet_server_port() int4", (c, a) -> port(c.client().localAddress()))
                .add(
                        "pg_postmaster_start_time() timestamptz",
                        (c, a) -> utc(c.relay().started()))
                .add("pg_conf_load_time() timestamptz", (c, a) -> utc(c.relay().configurationLoaded()))
                .add(
                        "current_setting(text) text",
                        (c, a) -> c.client().settings().show(text(a, 0)).value())
                .add("current_setting(text, bool) text", SystemFunctions::settingOrNull)
                .add("set_config(text, text, bool) text", SystemFunctions::setConfig)
                .add("pg_jit_available() bool", (c, a) -> false)
                .add("pg_is_other_temp_schema(oid) bool", (c, a) -> false)
                .add("pg_my_temp_schema() oid", (c, a) -> 0L)
                .add("txid_current_if_assigned() int8", (c, a) -> null)
                .add("pg_current_xact_id_if_assigned() xid8", (c, a) -> null)
                .add("pg_blocking_pids(int4) _int4", (c, a) -> List.of())
                .add("pg_notification_queue_usage() float8", (c, a) -> 0.0)
                .add("pg_control_system() record", (c, a) -> null);
    }

    static OffsetDateTime utc(Instant instant) {
        return instant.truncatedTo(java.time.temporal.ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    private static @Nullable Object host(java.util.Optional<ConsoleClient.Address> address) {
        return address.map(ConsoleClient.Address::host).orElse(null);
    }

    private static @Nullable Object port(java.util.Optional<ConsoleClient.Address> address) {
        return address.map(ConsoleClient.Address::port).orElse(null);
    }

    private static @Nullable Object settingOrNull(CallContext context, @Nullable Object[] arguments) {
        try {
            Shown shown = context.client().settings().show(text(arguments, 0));
            return shown.value();
        } catch (PgException e) {
            if (truth(arguments, 1) && e.sqlState().equals(SqlState.UNDEFINED_OBJECT)) {
                return null;
            }
            throw e;
        }
    }

    private static Object setConfig(CallContext context, @Nullable Object[] arguments) {
        String name = text(arguments, 0);
        if (truth(arguments, 2)) {
            context.localSettings();
        }
        context.client().settings().set(name, text(arguments, 1));
        return context.client().settings().show(name).value();
    }
}
