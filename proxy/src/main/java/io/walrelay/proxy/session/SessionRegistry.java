package io.walrelay.proxy.session;

import io.walrelay.proxy.wal.Retention;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** The live sessions, by pid. Any thread may ask. */
public final class SessionRegistry {
    /** Where numbering begins anew: the most that Linux gives to processes. */
    private static final int MAX_PID = 1 << 22;

    /** How long the end of those that are cut off may take: nobody is waited for, only the event loops. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final int maxWalSenders;
    private final Map<Integer, LiveSession> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger nextPid =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1000, MAX_PID));
    private final PendingLogins pending = new PendingLogins();
    private final SecureRandom random = new SecureRandom();

    /** Whether nobody is admitted any more; under this object's lock, as admission is. */
    private boolean shuttingDown;

    /** Whether nobody is waited for any more; under this object's lock. */
    private boolean abandoned;

    /** Admits up to {@code max_wal_senders} sessions. */
    public SessionRegistry(int maxWalSenders) {
        this.maxWalSenders = maxWalSenders;
    }

    /** A pid that no live session has. */
    int newPid() {
        while (true) {
            int pid = nextPid.updateAndGet(last -> last >= MAX_PID ? 1000 : last + 1);
            if (!sessions.containsKey(pid)) {
                return pid;
            }
        }
    }

    /** A cancel key of this many bytes. */
    byte[] newKey(int length) {
        byte[] key = new byte[length];
        random.nextBytes(key);
        return key;
    }

    /** @throws PgException FATAL 53300 if there are {@code max_wal_senders} sessions already, 57P03 during shutdown */
    synchronized void add(Session session, LiveSession handler) {
        admit();
        if (count(Session.Kind.WALSENDER) >= maxWalSenders) {
            String name = new ServerDialect(session.major()).settingName("max_wal_senders");
            throw PgException.fatal(
                    SqlState.TOO_MANY_CONNECTIONS,
                    "number of requested standby connections exceeds " + name + " (currently " + maxWalSenders + ")");
        }
        put(session, handler);
    }

    /**
     * @param reserved of {@code maxConnections}, for others than this one
     * @throws PgException FATAL 53300 if there are so many ordinary sessions already, 57P03 during shutdown
     */
    synchronized void addOrdinary(Session session, LiveSession handler, int maxConnections, int reserved) {
        admit();
        long there = count(Session.Kind.CLIENT_BACKEND);
        if (there >= maxConnections) {
            throw PgException.fatal(SqlState.TOO_MANY_CONNECTIONS, "sorry, too many clients already");
        }
        if (there >= maxConnections - reserved) {
            throw PgException.fatal(
                    SqlState.TOO_MANY_CONNECTIONS,
                    "remaining connection slots are reserved for "
                            + (session.major() < 16
                                    ? "non-replication superuser connections"
                                    : "roles with the SUPERUSER attribute"));
        }
        put(session, handler);
    }

    private void admit() {
        if (shuttingDown) {
            throw PgException.fatal(SqlState.CANNOT_CONNECT_NOW, "the database system is shutting down");
        }
    }

    private long count(Session.Kind kind) {
        return sessions.values().stream()
                .filter(live -> live.session().kind() == kind)
                .count();
    }

    private void put(Session session, LiveSession handler) {
        sessions.put(session.pid(), handler);
        pending.remove(session.channel());
    }

    /** Those that are no sessions yet. */
    PendingLogins pending() {
        return pending;
    }

    void remove(Session session) {
        sessions.remove(session.pid());
        synchronized (this) {
            notifyAll();
        }
    }

    /**
     * Waits until no session is left, at most so long, and not if they are abandoned; tells whether it has come to
     * that.
     */
    public boolean awaitNone(Duration limit) {
        return await(limit, () -> abandoned);
    }

    private synchronized boolean await(Duration limit, BooleanSupplier noMore) {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        while (!sessions.isEmpty() && !noMore.getAsBoolean() && deadline - System.nanoTime() > 0) {
            try {
                wait(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return sessions.isEmpty();
    }

    /** What WAL the clients that stream now still need. */
    public List<Retention.Hold> holds() {
        List<Retention.Hold> holds = new ArrayList<>();
        sessions.forEach((pid, handler) ->
                handler.holding().ifPresent(from -> holds.add(new Retention.Hold("walsender " + pid, from))));
        return holds;
    }

    /** Ends a session, as pg_terminate_backend does; tells whether there was one. */
    public boolean terminate(int pid) {
        LiveSession handler = sessions.get(pid);
        if (handler != null) {
            handler.terminate();
        }
        return handler != null;
    }

    /** Cancels what a session does, as pg_cancel_backend does; tells whether there was one. */
    public boolean cancel(int pid) {
        LiveSession handler = sessions.get(pid);
        if (handler != null) {
            handler.cancel();
        }
        return handler != null;
    }

    /**
     * Has a replication session come to its end as at a shutdown: its client is sent what is here first. Tells whether
     * there is such a session.
     *
     * @throws PgException 22023 if it is a session of another kind
     */
    public boolean end(int pid) {
        Optional<LiveSession> walsender = walsender(pid);
        walsender.ifPresent(session -> session.shutDown(ShutdownMode.SMART));
        return walsender.isPresent();
    }

    /**
     * Has a client be sent no more WAL; tells whether there was a stream that was not paused.
     *
     * @throws PgException 22023 if it is a session of another kind
     */
    public CompletableFuture<Boolean> pause(int pid) {
        return walsender(pid).map(LiveSession::pause).orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    /**
     * Has a client be sent WAL again; tells whether it was paused.
     *
     * @throws PgException 22023 if it is a session of another kind
     */
    public CompletableFuture<Boolean> resume(int pid) {
        return walsender(pid).map(LiveSession::resume).orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    private Optional<LiveSession> walsender(int pid) {
        Optional<LiveSession> handler = Optional.ofNullable(sessions.get(pid));
        if (handler.isPresent() && handler.get().session().kind() != Session.Kind.WALSENDER) {
            throw PgException.error(
                    SqlState.INVALID_PARAMETER_VALUE, "PID " + pid + " is not a PostgreSQL walsender process");
        }
        return handler;
    }

    /** Whether there is a session of this pid. */
    public boolean contains(int pid) {
        return sessions.containsKey(pid);
    }

    /** Has every session come to its end: what streams is sent what is here first. */
    public void shutDown(ShutdownMode mode) {
        synchronized (this) {
            shuttingDown = true;
        }
        sessions.values().forEach(live -> live.shutDown(mode));
    }

    /** A shutdown that is under way goes further. */
    public void hurry(ShutdownMode mode) {
        boolean underWay;
        synchronized (this) {
            underWay = shuttingDown;
            abandoned |= mode == ShutdownMode.WITHOUT_CLIENTS;
            notifyAll();
        }
        if (underWay) {
            sessions.values().forEach(live -> live.shutDown(mode));
        }
    }

    /** Ends the sessions that are still there, whether or not their clients have what they are owed. */
    public void cutOff() {
        sessions.values().forEach(LiveSession::cutOff);
        // Their last words are written before the event loops go.
        await(LAST_WORDS, () -> false);
    }

    /** The session that a CancelRequest is allowed to cancel. */
    Optional<LiveSession> cancellable(int pid, byte[] key) {
        return Optional.ofNullable(sessions.get(pid))
                .filter(handler -> MessageDigest.isEqual(handler.session().key(), key));
    }

    /** How many are live now. */
    public int size() {
        return sessions.size();
    }
}
