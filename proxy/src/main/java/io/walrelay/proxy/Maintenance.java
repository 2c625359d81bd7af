package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.config.WalDiskAction;
import io.walrelay.proxy.session.SessionRegistry;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.wal.Retention;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a server does at checkpoints, done from time to time on the maintenance thread: slots that hold too much or are
 * not used are invalidated, slots are saved, and WAL that nobody needs is removed, in this order.
 */
final class Maintenance implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Maintenance.class);

    private final Supplier<Configuration> configuration;
    private final Cluster cluster;
    private final SlotRegistry slots;
    private final SessionRegistry sessions;
    private final Function<WalStore, Optional<Retention.Hold>> synchronous;

    /** @param synchronous what the synchronous standbys may still need */
    Maintenance(
            Supplier<Configuration> configuration,
            Cluster cluster,
            SlotRegistry slots,
            SessionRegistry sessions,
            Function<WalStore, Optional<Retention.Hold>> synchronous) {
        this.synchronous = synchronous;
        this.configuration = configuration;
        this.cluster = cluster;
        this.slots = slots;
        this.sessions = sessions;
    }

    @Override
    public void run() {
        try {
            Optional<Cluster.Known> known = cluster.known();
            if (known.isPresent()) {
                removeObsolete(known.get().wal());
                known.get().wal().prepareSegments();
                known.get().wal().lookAfter();
            }
            slots.saveMoved();
        } catch (IOException | RuntimeException e) {
            log.error("could not remove obsolete WAL: {}", e.toString());
        }
    }

    /** Begins to make files ready as soon as they are used up, and not only with the next round. */
    void watch(WalStore wal, Executor thread) {
        wal.onSegmentBegun(() -> thread.execute(() -> {
            try {
                wal.prepareSegments();
            } catch (IOException | RuntimeException e) {
                log.warn("could not make a WAL segment ready, it is made when it is needed: {}", e.toString());
            }
        }));
    }

    private void removeObsolete(WalStore wal) throws IOException {
        removeBefore(wal, holds(wal, Room.PLENTY));
        if (wal.guard().refusal().isEmpty()) {
            return;
        }
        // Clients without a slot must not stall the source: they may find their WAL removed.
        removeBefore(wal, holds(wal, Room.SCARCE));
        boolean mayInvalidate = configuration.get().get(Settings.WAL_DISK_ACTION) == WalDiskAction.INVALIDATE;
        while (mayInvalidate && wal.guard().refusal().isPresent()) {
            Optional<ReplicationSlot> slot = slots.invalidateFurthestBehind();
            if (slot.isEmpty()) {
                return;
            }
            terminateUserOf(slot.get());
            removeBefore(wal, holds(wal, Room.SCARCE));
        }
    }

    /** Whether the disk has room for what clients would like to be kept. */
    private enum Room {
        PLENTY,
        SCARCE
    }

    /** The reasons to keep WAL, as long as the disk has room. */
    Retention retention(WalStore wal) throws IOException {
        return holds(wal, Room.PLENTY);
    }

    private Retention holds(WalStore wal, Room room) throws IOException {
        Configuration current = configuration.get();
        List<Retention.Hold> holds = new ArrayList<>();
        holds.add(wal.recoveryHold());
        holds.add(Retention.keepSize(wal.end().flushed(), current.get(Settings.WAL_KEEP_SIZE)));
        holds.addAll(slots.holds(wal.end().flushed(), current.get(Settings.MAX_SLOT_WAL_KEEP_SIZE)));
        if (room == Room.PLENTY) {
            holds.add(wal.checkpointHold());
            holds.addAll(sessions.holds());
            synchronous.apply(wal).ifPresent(holds::add);
        }
        return new Retention(holds);
    }

    private void removeBefore(WalStore wal, Retention retention) throws IOException {
        log.debug("WAL is kept for: {}", retention.holds());
        Optional<Lsn> needed = retention.horizon();
        if (needed.isEmpty()) {
            return;
        }
        Lsn announced = wal.directory().segmentSize().segmentStart(needed.get());
        wal.announceRemoval(announced);
        // A slot that came before that was heard may not be among those that were asked.
        Lsn horizon =
                slots.holds(wal.end().flushed(), configuration.get().get(Settings.MAX_SLOT_WAL_KEEP_SIZE)).stream()
                        .map(hold -> wal.directory().segmentSize().segmentStart(hold.from()))
                        .reduce(announced, Lsn::min);
        slots.invalidateObsolete(horizon, configuration.get().get(Settings.IDLE_REPLICATION_SLOT_TIMEOUT))
                .forEach(this::terminateUserOf);
        // What the slots say now has to be durable before the WAL goes that they said before.
        if (!slots.saveMoved()) {
            return;
        }
        int removed = wal.removeBefore(horizon);
        if (removed > 0) {
            log.info(
                    "removed {} WAL files before {}, which is kept for: {}",
                    removed,
                    horizon,
                    retention.holds().getFirst().reason());
        }
    }

    private void terminateUserOf(ReplicationSlot slot) {
        int pid = slot.activePid();
        if (pid != 0) {
            log.info("terminating process {} to release replication slot \"{}\"", pid, slot.name());
            sessions.terminate(pid);
        }
    }
}
