package io.walrelay.proxy.slot;

import io.walrelay.proxy.storage.Storage;
import io.walrelay.proxy.wal.Retention;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The physical replication slots of this relay, as PostgreSQL's {@code slot.c} keeps them. Any thread may ask; what has
 * to touch the disk runs on the given executor, so no event loop waits for it. A slot's name is taken from the moment
 * its creation is asked for, and free when its removal is durable.
 */
public final class SlotRegistry {
    private static final Logger log = LoggerFactory.getLogger(SlotRegistry.class);

    private final SlotDirectory directory;
    private final Executor disk;
    private final int maxSlots;
    private final Map<String, ReplicationSlot> slots = new LinkedHashMap<>();
    private CompletableFuture<Void> released = new CompletableFuture<>();

    /** The sessions that wait for a slot to be released so that it can be dropped, and for which of their commands. */
    private final Map<Integer, Object> waiting = new HashMap<>();

    private SlotRegistry(SlotDirectory directory, Executor disk, int maxSlots) {
        this.directory = directory;
        this.disk = disk;
        this.maxSlots = maxSlots;
    }

    /**
     * Reads the slots of a data directory.
     *
     * @param disk where files are written; one task at a time
     * @param maxSlots {@code max_replication_slots}
     * @throws IOException if a slot's file cannot be read, is damaged, or there are more than {@code maxSlots}
     */
    public static SlotRegistry load(Storage storage, Path dataDirectory, Executor disk, int maxSlots)
            throws IOException {
        SlotDirectory directory = new SlotDirectory(storage, dataDirectory);
        SlotRegistry registry = new SlotRegistry(directory, disk, maxSlots);
        for (ReplicationSlot slot : directory.load()) {
            registry.slots.put(slot.name(), slot);
        }
        if (registry.slots.size() > maxSlots) {
            throw new IOException("too many replication slots active before shutdown: " + registry.slots.size()
                    + ". Increase max_replication_slots and try again.");
        }
        return registry;
    }

    /** The slot of this name. */
    public synchronized Optional<ReplicationSlot> find(String name) {
        return Optional.ofNullable(slots.get(name));
    }

    /** All slots, oldest first. */
    public synchronized List<ReplicationSlot> all() {
        return List.copyOf(slots.values());
    }

    /** What the slots hold for the queries of their clients, joined to the oldest. */
    public Xmins xmins() {
        return all().stream().map(ReplicationSlot::xmins).reduce(Xmins.NONE, Xmins::join);
    }

    /**
     * Creates a slot; a persistent one is durable when the result is there. A temporary one stays acquired by its
     * creator.
     *
     * @param restartLsn where WAL is kept from, or {@link Lsn#INVALID} to reserve none yet
     * @param pid the creating session's
     * @return fails with 42710 if the name is taken, 53400 if all slots are in use, 58030 if it cannot be saved
     */
    public CompletableFuture<ReplicationSlot> create(String name, boolean temporary, Lsn restartLsn, int pid) {
        return create(name, temporary, () -> restartLsn, pid);
    }

    /**
     * Creates a slot that keeps WAL from the position that {@code oldestKept} gives once the slot is seen by those who
     * remove WAL. It is asked until it says the same twice: WAL may go meanwhile ({@code ReplicationSlotReserveWal}).
     */
    public CompletableFuture<ReplicationSlot> create(
            String name, boolean temporary, Supplier<Lsn> oldestKept, int pid) {
        SlotState nothing = SlotState.EMPTY;
        ReplicationSlot slot = new ReplicationSlot(name, temporary, nothing, pid);
        try {
            enter(slot);
        } catch (PgException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        Lsn reserved;
        do {
            reserved = oldestKept.get();
            slot.reserve(reserved);
        } while (oldestKept.get().isAfter(reserved));
        if (temporary) {
            return CompletableFuture.completedFuture(slot);
        }
        return onDisk("create", slot, () -> directory.create(slot)).handle((done, failure) -> {
            if (failure != null) {
                remove(slot);
                throw reason(failure);
            }
            release(slot);
            return slot;
        });
    }

    private static PgException reason(Throwable failure) {
        return PgException.of(failure, defect -> log.error("unexpected failure", defect));
    }

    private synchronized void enter(ReplicationSlot slot) {
        if (slots.containsKey(slot.name())) {
            throw PgException.error(
                    SqlState.DUPLICATE_OBJECT, "replication slot \"" + slot.name() + "\" already exists");
        }
        if (slots.size() >= maxSlots) {
            throw PgException.error(SqlState.CONFIGURATION_LIMIT_EXCEEDED, "all replication slots are in use");
        }
        slots.put(slot.name(), slot);
    }

    /**
     * Takes a slot for a session, which alone may advance it until {@link #release}. A session may acquire its own
     * temporary slot.
     *
     * @throws PgException 42704 if there is no such slot, 55006 if another session has it
     */
    public synchronized ReplicationSlot acquire(String name, int pid) {
        ReplicationSlot slot = existing(name);
        if (slot.activePid() != 0 && slot.activePid() != pid) {
            throw PgException.error(
                    SqlState.OBJECT_IN_USE, "replication slot \"" + name + "\" is active for PID " + slot.activePid());
        }
        slot.activePid(pid);
        return slot;
    }

    private ReplicationSlot existing(String name) {
        ReplicationSlot slot = slots.get(name);
        if (slot == null) {
            throw PgException.error(SqlState.UNDEFINED_OBJECT, "replication slot \"" + name + "\" does not exist");
        }
        return slot;
    }

    /** Gives an acquired slot back; a temporary one stays with its creator until the session ends. */
    public synchronized void release(ReplicationSlot slot) {
        if (!slot.temporary()) {
            slot.activePid(0);
            announceRelease();
        }
    }

    private void announceRelease() {
        CompletableFuture<Void> waiting = released;
        released = new CompletableFuture<>();
        waiting.completeAsync(() -> null, disk);
    }

    /**
     * Drops a slot; the removal is durable when the result is there.
     *
     * @param wait whether to wait while another session has it, rather than fail
     * @return fails with 42704 if there is no such slot, 55006 if another session has it, 57014 if the session waits no
     *     more, 58030 if its files cannot be removed
     */
    public CompletableFuture<Void> drop(String name, boolean wait, int pid) {
        ReplicationSlot slot;
        synchronized (this) {
            try {
                slot = acquire(name, pid);
            } catch (PgException refused) {
                boolean active = refused.sqlState().equals(SqlState.OBJECT_IN_USE);
                return active && wait ? dropWhenReleased(name, pid) : CompletableFuture.failedFuture(refused);
            }
        }
        if (slot.temporary()) {
            remove(slot);
            return CompletableFuture.completedFuture(null);
        }
        return onDisk("drop", slot, () -> directory.drop(slot)).handle((dropped, failure) -> {
            if (failure != null) {
                release(slot);
                throw reason(failure);
            }
            remove(slot);
            return null;
        });
    }

    private CompletableFuture<Void> dropWhenReleased(String name, int pid) {
        Object command = new Object();
        waiting.put(pid, command);
        return released.thenCompose(again -> stillWaits(pid, command)
                ? drop(name, true, pid)
                : CompletableFuture.failedFuture(
                        PgException.error(SqlState.QUERY_CANCELED, "canceling statement due to user request")));
    }

    private synchronized boolean stillWaits(int pid, Object command) {
        return waiting.remove(pid, command);
    }

    private synchronized void remove(ReplicationSlot slot) {
        slots.remove(slot.name(), slot);
        announceRelease();
    }

    /**
     * Drops the temporary slots of a session, which has ended, or one of its commands has failed. What it waited for to
     * be dropped stays.
     */
    public synchronized void dropTemporary(int pid) {
        waiting.remove(pid);
        if (slots.values().removeIf(slot -> slot.temporary() && slot.activePid() == pid)) {
            announceRelease();
        }
    }

    /**
     * Saves the positions that have moved. Called on the disk executor, from time to time and at shutdown, as a server
     * does at checkpoints: a file may hold an older position than the slot, never a newer one, and the WAL from there
     * on stays until a newer one is durable. A client that comes back after a crash moves its slot on by itself.
     *
     * @return whether all were saved; if not, a restart may find slots that need WAL from further back than they do now
     */
    public boolean saveMoved() {
        boolean saved = true;
        for (ReplicationSlot slot : all()) {
            if (!slot.temporary() && slot.isDirty()) {
                try {
                    directory.save(slot);
                } catch (IOException e) {
                    log.warn("could not save replication slot \"{}\": {}", slot.name(), e.getMessage());
                    saved = false;
                }
            }
        }
        return saved;
    }

    /**
     * What the slots keep, each no more than {@code max_slot_wal_keep_size} ({@code limit} bytes, negative for none).
     */
    public List<Retention.Hold> holds(Lsn end, long limit) {
        Lsn furthest = limit < 0 ? Lsn.INVALID : Retention.keepSize(end, limit).from();
        return all().stream()
                .filter(ReplicationSlot::holdsWal)
                .map(slot -> new Retention.Hold(
                        "replication slot \"" + slot.name() + "\"", Lsn.max(slot.restartLsn(), furthest)))
                .toList();
    }

    /**
     * Invalidates the slots that need WAL from before {@code horizon}, and those that nobody has used for longer than
     * {@code idleTimeout} (zero for ever).
     *
     * @return those that a session has just now: it is to be ended
     */
    public synchronized List<ReplicationSlot> invalidateObsolete(Lsn horizon, Duration idleTimeout) {
        List<ReplicationSlot> active = new ArrayList<>();
        for (ReplicationSlot slot : all()) {
            Lsn restartLsn = slot.restartLsn();
            if (!slot.holdsWal()) {
                continue;
            }
            if (slot.invalidateBefore(horizon)) {
                log.info(
                        "invalidating obsolete replication slot \"{}\"\nDETAIL:  The slot's restart_lsn {} exceeds the"
                                + " limit by {} bytes.\nHINT:  You might need to increase max_slot_wal_keep_size.",
                        slot.name(),
                        restartLsn,
                        horizon.minus(restartLsn));
                if (slot.activePid() != 0) {
                    active.add(slot);
                }
            } else if (idleTimeout.isPositive() && slot.idle().compareTo(idleTimeout) > 0) {
                log.info(
                        "invalidating obsolete replication slot \"{}\"\nDETAIL:  The slot's idle time of {}s exceeds the"
                                + " configured \"idle_replication_slot_timeout\" duration of {}s.",
                        slot.name(),
                        slot.idle().toSeconds(),
                        idleTimeout.toSeconds());
                slot.invalidate(SlotInvalidation.IDLE_TIMEOUT);
            }
        }
        return active;
    }

    /** Invalidates the slot that holds most WAL, to make room on the disk; empty if none holds any. */
    public synchronized Optional<ReplicationSlot> invalidateFurthestBehind() {
        Optional<ReplicationSlot> furthest =
                all().stream().filter(ReplicationSlot::holdsWal).min(Comparator.comparing(ReplicationSlot::restartLsn));
        furthest.ifPresent(slot -> {
            log.warn(
                    "invalidating replication slot \"{}\" to make room for WAL\nDETAIL:  Its restart_lsn is {}.",
                    slot.name(),
                    slot.restartLsn());
            slot.invalidate(SlotInvalidation.WAL_REMOVED);
        });
        return furthest;
    }

    private CompletableFuture<Void> onDisk(String what, ReplicationSlot slot, DiskWork work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        log.error("could not {} replication slot \"{}\"", what, slot.name(), e);
                        throw PgException.error(
                                        SqlState.IO_ERROR,
                                        "could not " + what + " replication slot \"" + slot.name() + "\": "
                                                + e.getMessage())
                                .withCause(e);
                    }
                },
                disk);
    }

    private interface DiskWork {
        void run() throws IOException;
    }
}
