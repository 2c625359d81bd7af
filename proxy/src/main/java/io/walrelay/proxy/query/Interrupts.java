package io.walrelay.proxy.query;

import io.walrelay.proxy.console.ConsoleSession;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ends the statement that runs, if one does, and none that comes later. Any thread. */
final class Interrupts {
    private final ConsoleSession session;
    private final ScheduledExecutorService timer;
    private @Nullable Future<?> timeout;
    private @Nullable PgException reason;
    private boolean running;

    /** @param timer of {@code statement_timeout}; nothing but the asking happens on it */
    Interrupts(ConsoleSession session, ScheduledExecutorService timer) {
        this.session = session;
        this.timer = timer;
    }

    /** A statement begins. */
    synchronized void begin(Duration limit) {
        end();
        running = true;
        timeout = timer.schedule(
                () -> request(
                        PgException.error(SqlState.QUERY_CANCELED, "canceling statement due to statement timeout")),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** It has ended. */
    synchronized void end() {
        running = false;
        reason = null;
        Future<?> set = timeout;
        if (set != null) {
            set.cancel(false);
        }
    }

    /** Has the statement that runs fail with this. */
    synchronized void request(PgException why) {
        if (running && reason == null) {
            reason = why;
            session.cancel();
        }
    }

    /** Why the statement is to fail. */
    synchronized Optional<PgException> reason() {
        return Optional.ofNullable(reason);
    }
}
