package io.walrelay.proxy.console.function;

import static io.walrelay.proxy.console.function.Arguments.integer;
import static io.walrelay.proxy.console.function.Arguments.text;
import static io.walrelay.proxy.console.function.Arguments.truth;
import static io.walrelay.proxy.console.function.Arguments.value;

import io.walrelay.proxy.console.state.RelayControl;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SqlState;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What changes the relay.
 *
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html">System Administration Functions</a>
 */
final class AdminFunctions {
    private AdminFunctions() {}

    static Functions all() {
        return new Functions("pg_catalog")
                .add("pg_cancel_backend(int4) bool", (c, a) -> {
                    requireOwn(c, integer(a, 0), "cancel query", "query is being canceled");
                    return signalled(c, integer(a, 0), RelayControl::cancel);
                })
                .add("pg_terminate_backend(int4, int8 =) bool", (c, a) -> {
                    requireOwn(c, integer(a, 0), "terminate process", "process is being terminated");
                    return signalled(c, integer(a, 0), RelayControl::terminate);
                })
                .addAdmin("pg_reload_conf() bool", (c, a) -> {
                    c.control().reload();
                    return true;
                })
                .addAdmin("pg_rotate_logfile() bool", (c, a) -> false)
                .addAdmin("pg_create_physical_replication_slot(name, bool =, bool =) record", (c, a) -> created(c, a))
                .addAdmin("pg_drop_replication_slot(name) void", (c, a) -> {
                    c.control().dropSlot(text(a, 0), c.client().pid());
                    return "";
                })
                .addAdmin(
                        "pg_replication_slot_advance(name, pg_lsn) record",
                        (c, a) -> Arrays.asList(
                                text(a, 0),
                                c.control()
                                        .advanceSlot(
                                                text(a, 0),
                                                value(Lsn.class, a, 1),
                                                c.client().pid())))
                .addAdmin("pg_wal_replay_pause() void", (c, a) -> notReplaying())
                .addAdmin("pg_wal_replay_resume() void", (c, a) -> notReplaying())
                .addAdmin("pg_promote(bool =, int4 =) bool", (c, a) -> notReplaying());
    }

    /** As in PostgreSQL, sessions of one's own role are one's own; those of others are for admins. */
    private static void requireOwn(CallContext context, int pid, String what, String whose) {
        boolean others = context.relay().backends().stream()
                .filter(backend -> backend.pid() == pid)
                .anyMatch(backend ->
                        !backend.user().map(context.client().user()::equals).orElse(false));
        if (others && !context.client().admin()) {
            throw PgException.error(
                    SqlState.INSUFFICIENT_PRIVILEGE,
                    context.relay().major() >= 16
                            ? "permission denied to " + what
                            : "must be a member of the role whose " + whose + " or member of pg_signal_backend");
        }
    }

    @FunctionalInterface
    private interface Signal {
        boolean to(RelayControl control, int pid);
    }

    private static boolean signalled(CallContext context, int pid, Signal signal) {
        warnUnlessExists(context, pid);
        return signal.to(context.control(), pid);
    }

    /** As PostgreSQL, which finds no process to send a signal to. */
    static void warnUnlessExists(CallContext context, int pid) {
        if (!context.control().exists(pid)) {
            context.notice(new PgException(
                    Severity.WARNING,
                    SqlState.WARNING,
                    "PID " + pid + " is not a PostgreSQL backend process",
                    null,
                    null,
                    null));
        }
    }

    private static List<@Nullable Object> created(CallContext context, @Nullable Object[] arguments) {
        boolean reserve = arguments.length > 1 && truth(arguments, 1);
        boolean temporary = arguments.length > 2 && truth(arguments, 2);
        SlotState slot = context.control()
                .createSlot(
                        text(arguments, 0), reserve, temporary, context.client().pid());
        return Arrays.asList(slot.name(), slot.restartLsn().orElse(null));
    }

    private static Object notReplaying() {
        throw PgException.error(SqlState.FEATURE_NOT_SUPPORTED, "walrelay replays no WAL")
                .withHint("walrelay.pause_upstream() and walrelay.pause_sender() stop the flow of WAL.");
    }
}
