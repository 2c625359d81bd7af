package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.Console;
import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.ConsoleSession;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.RelayControl;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The console. The engine is loaded for the first session, and again when the mirrored server's major version has
 * changed.
 */
public final class EmbeddedConsole implements Console, AutoCloseable {
    private final RelayState relay;
    private final RelayControl control;
    private final Supplier<Limits> limits;
    private final Set<SqlSession> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicLong held = new AtomicLong();
    private @Nullable ScheduledExecutorService timer;
    private @Nullable Database database;

    /**
     * A console over a relay.
     *
     * @param limits of a statement, at each moment; how many run at a time is for who calls
     */
    public EmbeddedConsole(RelayState relay, RelayControl control, Supplier<Limits> limits) {
        this.relay = relay;
        this.control = control;
        this.limits = limits;
    }

    @Override
    public ConsoleSession open(ConsoleClient client) {
        try {
            SqlSession session = new SqlSession(this, database(), client, relay, control, watchdog());
            sessions.add(session);
            return session;
        } catch (SQLException e) {
            throw PgException.fatal(SqlState.INTERNAL_ERROR, "could not open a console session")
                    .withCause(e);
        }
    }

    private synchronized Database database() throws SQLException {
        Database current = database;
        if (current == null || current.catalog().major() != relay.major()) {
            // Sessions of another major keep the engine that they began with.
            current = new Database(relay.major());
            database = current;
        }
        return current;
    }

    private synchronized Watchdog watchdog() {
        ScheduledExecutorService current = timer;
        if (current == null) {
            current = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("console-watchdog").daemon().factory());
            timer = current;
        }
        return new Watchdog(current, this::limits);
    }

    /** The sessions that there are, as {@code pg_stat_activity} shows them. */
    public List<BackendState> backends() {
        return sessions.stream().map(SqlSession::backend).toList();
    }

    /** A session is over. */
    void closed(SqlSession session) {
        sessions.remove(session);
    }

    Limits limits() {
        return limits.get();
    }

    /** Counts what a result holds. @throws PgException 53200 if all results together hold too much */
    void hold(long bytes) {
        long most = limits().heldBytes();
        if (held.addAndGet(bytes) > most) {
            held.addAndGet(-bytes);
            throw PgException.error(SqlState.OUT_OF_MEMORY, "out of memory")
                    .withDetail("The results of all console sessions may hold " + (most >> 20) + " MB.");
        }
    }

    void release(long bytes) {
        held.addAndGet(-bytes);
    }

    @Override
    public synchronized void close() {
        ScheduledExecutorService current = timer;
        if (current != null) {
            current.shutdownNow();
        }
        Database open = database;
        database = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
