package io.walrelay.proxy.session;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends a session whose client asks for nothing: {@code idle_session_timeout} outside of a transaction block, {@code
 * idle_in_transaction_session_timeout} in one. It runs from ReadyForQuery to the next message, as in {@code
 * PostgresMain}. On the session's event loop.
 */
final class IdleTimeout {
    private final EventLoop loop;
    private final Consumer<PgException> end;
    private @Nullable ScheduledFuture<?> waiting;

    /** @param end tells the client the error and closes the session */
    IdleTimeout(EventLoop loop, Consumer<PgException> end) {
        this.loop = loop;
        this.end = end;
    }

    /** Waits for the client of a session that speaks SQL: as long as it has set. No worker has the session. */
    void begin(SqlBackend sql) {
        SqlSettings settings = sql.settings();
        begin(sql.transactionStatus(), settings.idleSessionTimeout(), settings.idleInTransactionSessionTimeout());
    }

    /** Waits for the client of a session that knows no transactions. Zero is for ever. */
    void begin(Duration longest) {
        begin('I', longest, Duration.ZERO);
    }

    /** Waits for the client; a transaction block is open where {@code status} is not {@code I}. Zero is for ever. */
    private void begin(char status, Duration outside, Duration inTransaction) {
        end();
        boolean idle = status == 'I';
        Duration longest = idle ? outside : inTransaction;
        if (longest.isPositive()) {
            PgException late = idle
                    ? PgException.fatal(SqlState.of("57P05"), "terminating connection due to idle-session timeout")
                    : PgException.fatal(
                            SqlState.of("25P03"), "terminating connection due to idle-in-transaction timeout");
            waiting = loop.schedule(() -> end.accept(late), longest.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** The client has asked for something, or has gone. */
    void end() {
        ScheduledFuture<?> before = waiting;
        if (before != null) {
            before.cancel(false);
            waiting = null;
        }
    }
}
