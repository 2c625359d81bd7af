package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.InvalidValueException;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.console.state.RelayControl;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.proxy.session.SessionRegistry;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walreceiver.WalReceiver;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What SQL may have the relay do. Called on console workers. */
final class LiveControl implements RelayControl {
    private final Cluster cluster;
    private final SlotRegistry slots;
    private final SessionRegistry sessions;
    private final WalReceiver walReceiver;
    private final Runnable reload;

    /** @param reload reads the settings again, as SIGHUP does */
    LiveControl(
            Cluster cluster, SlotRegistry slots, SessionRegistry sessions, WalReceiver walReceiver, Runnable reload) {
        this.cluster = cluster;
        this.slots = slots;
        this.sessions = sessions;
        this.walReceiver = walReceiver;
        this.reload = reload;
    }

    @Override
    public boolean cancel(int pid) {
        return sessions.cancel(pid);
    }

    @Override
    public boolean terminate(int pid) {
        return sessions.terminate(pid);
    }

    @Override
    public void reload() {
        reload.run();
    }

    private WalStore wal() {
        return cluster.known()
                .map(Cluster.Known::wal)
                .orElseThrow(
                        () -> PgException.error(SqlState.CANNOT_CONNECT_NOW, "the database system is starting up"));
    }

    @Override
    public SlotState createSlot(String name, boolean reserveWal, boolean temporary, int pid) {
        requireValid(name);
        WalStore wal = wal();
        ReplicationSlot slot = result(
                reserveWal
                        ? slots.create(name, temporary, wal::reservable, pid)
                        : slots.create(name, temporary, Lsn.INVALID, pid));
        return LiveSlots.slot(slot);
    }

    private static void requireValid(String name) {
        try {
            Settings.PRIMARY_SLOT_NAME.parse(name);
        } catch (InvalidValueException e) {
            throw PgException.error(
                            SqlState.INVALID_NAME, "replication slot name \"" + name + "\" contains invalid character")
                    .withHint("Replication slot names may only contain lower case letters, numbers, and the underscore"
                            + " character.")
                    .withCause(e);
        }
        if (name.isEmpty()) {
            throw PgException.error(SqlState.INVALID_NAME, "replication slot name \"\" is too short");
        }
    }

    private static <T> T result(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw PgException.of(e, logged -> {});
        }
    }

    @Override
    public void dropSlot(String name, int pid) {
        CompletableFuture<Void> dropped = slots.drop(name, false, pid);
        result(dropped.thenApply(nothing -> name));
    }

    @Override
    public void dropTemporarySlots(int pid) {
        slots.dropTemporary(pid);
    }

    @Override
    public Lsn advanceSlot(String name, Lsn target, int pid) {
        Lsn end = Lsn.min(target, wal().end().flushed());
        ReplicationSlot slot = slots.acquire(name, pid);
        try {
            Lsn restart = slot.restartLsn();
            if (!restart.isValid()) {
                throw PgException.error(
                                SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                                "replication slot \"" + name + "\" cannot be advanced")
                        .withDetail("This slot has never previously reserved WAL, or it has been invalidated.");
            }
            if (end.isBefore(restart)) {
                throw PgException.error(
                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                        "cannot advance replication slot to " + end + ", minimum is " + restart);
            }
            slot.advance(end);
            return slot.restartLsn();
        } finally {
            slots.release(slot);
        }
    }

    @Override
    public boolean pauseUpstream() {
        return result(walReceiver.pause());
    }

    @Override
    public boolean resumeUpstream() {
        return result(walReceiver.resume());
    }

    @Override
    public boolean pauseSender(int pid) {
        return result(sessions.pause(pid));
    }

    @Override
    public boolean resumeSender(int pid) {
        return result(sessions.resume(pid));
    }

    @Override
    public boolean exists(int pid) {
        return sessions.contains(pid);
    }

    @Override
    public boolean endSender(int pid) {
        return sessions.end(pid);
    }
}
