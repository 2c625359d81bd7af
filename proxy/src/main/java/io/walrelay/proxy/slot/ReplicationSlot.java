package io.walrelay.proxy.slot;

import io.walrelay.replication.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A physical replication slot. Who uses it is decided by {@link SlotRegistry}, under its lock; the position is moved by
 * the one session that has acquired it, taken away by maintenance, both under the slot's lock, and read by anybody.
 */
public final class ReplicationSlot {
    private static final int NOBODY = -1;

    private final String name;
    private final boolean temporary;
    private volatile long restartLsn;
    private volatile @Nullable SlotInvalidation invalidation;
    private volatile Xmins xmins;
    private volatile SlotState saved;
    private volatile int activePid;

    /** The session that had it when it was invalidated, and is being ended: it does not bring it back to life. */
    private int invalidatedUnder;

    private volatile long inactiveNanos = System.nanoTime();
    private volatile Instant inactiveSince = Instant.now();

    ReplicationSlot(String name, boolean temporary, SlotState state, int activePid) {
        this.name = name;
        this.temporary = temporary;
        this.restartLsn = state.restartLsn().value();
        this.invalidation = state.invalidation().orElse(null);
        this.xmins = state.xmins();
        this.saved = state;
        this.activePid = activePid;
    }

    /** The slot's name, valid as PostgreSQL defines it. */
    public String name() {
        return name;
    }

    /** Whether it ends with the session that created it. */
    public boolean temporary() {
        return temporary;
    }

    /**
     * WAL from here on is kept, unless the slot was invalidated; {@link Lsn#INVALID} as long as none is reserved, and
     * when that WAL was removed.
     */
    public Lsn restartLsn() {
        return new Lsn(restartLsn);
    }

    /**
     * The session that has acquired the slot has heard from its client that WAL before {@code flushed} is durable
     * there. Never moves the slot back. An invalidated slot keeps WAL again from there on, as it does in servers before
     * 18.
     */
    public void advance(Lsn flushed) {
        advance(flushed.value());
    }

    /** The same, of the value of the LSN: for who has many. */
    public synchronized void advance(long flushed) {
        long held = restartLsn;
        boolean taken = invalidation != null && invalidatedUnder == activePid;
        boolean idle = invalidation != null && held != 0;
        if (!taken && (Long.compareUnsigned(flushed, held) > 0 || (idle && flushed == held))) {
            restartLsn = flushed;
            invalidation = null;
        }
    }

    /** The session that has acquired the slot has heard what its client's queries need. */
    public synchronized void feedback(Xmins said) {
        xmins = xmins.after(said);
    }

    /** What the client's queries need, whether it is there or not; nothing if the slot is invalidated. */
    public Xmins xmins() {
        return invalidation == null ? xmins : Xmins.NONE;
    }

    /** Whether WAL is kept for it. */
    synchronized boolean holdsWal() {
        return invalidation == null && restartLsn().isValid();
    }

    /** Why it keeps nothing any more, if so. */
    public Optional<SlotInvalidation> invalidation() {
        return Optional.ofNullable(invalidation);
    }

    /** Keeps WAL from here on, as long as the slot is on nobody's disk yet. */
    void reserve(Lsn position) {
        restartLsn = position.value();
        saved = state();
    }

    /** Whether it needs WAL from before {@code horizon}, and is invalidated therefore. */
    synchronized boolean invalidateBefore(Lsn horizon) {
        boolean obsolete = holdsWal() && restartLsn().isBefore(horizon);
        if (obsolete) {
            invalidate(SlotInvalidation.WAL_REMOVED);
        }
        return obsolete;
    }

    synchronized void invalidate(SlotInvalidation cause) {
        invalidation = cause;
        invalidatedUnder = activePid == 0 ? NOBODY : activePid;
        // As in a server, a slot that nobody has used still shows where it was.
        if (cause == SlotInvalidation.WAL_REMOVED) {
            restartLsn = Lsn.INVALID.value();
        }
    }

    synchronized SlotState state() {
        return new SlotState(restartLsn(), invalidation(), xmins);
    }

    /** Whether it has changed since it was saved. */
    boolean isDirty() {
        return !saved.equals(state());
    }

    void saved(SlotState state) {
        saved = state;
    }

    /** The session that has it; 0 if none has. */
    public int activePid() {
        return activePid;
    }

    void activePid(int pid) {
        activePid = pid;
        inactiveNanos = System.nanoTime();
        inactiveSince = Instant.now();
    }

    /** Since when nobody uses it, or the relay's start; empty while somebody does. */
    public Optional<Instant> inactiveSince() {
        return activePid == 0 ? Optional.of(inactiveSince) : Optional.empty();
    }

    /** How long nobody has used it; zero if somebody does. */
    Duration idle() {
        return activePid == 0 ? Duration.ofNanos(System.nanoTime() - inactiveNanos) : Duration.ZERO;
    }
}
