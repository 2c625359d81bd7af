package io.walrelay.proxy.slot;

import io.walrelay.replication.Lsn;

/**
 * A physical replication slot. Who uses it is decided by {@link SlotRegistry}, under its lock; the position is moved by
 * the one session that has acquired it and read by anybody.
 */
public final class ReplicationSlot {
    private final String name;
    private final boolean temporary;
    private volatile long restartLsn;
    private volatile long savedLsn;
    private int activePid;

    ReplicationSlot(String name, boolean temporary, Lsn restartLsn, int activePid) {
        this.name = name;
        this.temporary = temporary;
        this.restartLsn = restartLsn.value();
        this.savedLsn = restartLsn.value();
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

    /** WAL from here on is kept; {@link Lsn#INVALID} as long as none is reserved. */
    public Lsn restartLsn() {
        return new Lsn(restartLsn);
    }

    /**
     * The session that has acquired the slot has heard from its client that WAL before {@code flushed} is durable there.
     * Never moves the slot back.
     */
    public void advance(Lsn flushed) {
        if (flushed.isAfter(restartLsn())) {
            restartLsn = flushed.value();
        }
    }

    /** Whether the position has moved since it was saved. */
    boolean isDirty() {
        return savedLsn != restartLsn;
    }

    void saved(Lsn position) {
        savedLsn = position.value();
    }

    int activePid() {
        return activePid;
    }

    void activePid(int pid) {
        activePid = pid;
    }
}
