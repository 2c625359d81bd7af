package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
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

    Maintenance(Supplier<Configuration> configuration, Cluster cluster, SlotRegistry slots, SessionRegistry sessions) {
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
            }
            slots.saveMoved();
        } catch (IOException | RuntimeException e) {
            log.error("could not remove obsolete WAL: {}", e.toString());
        }
    }

    private void removeObsolete(WalStore wal) throws IOException {
        Configuration current = configuration.get();
        List<Retention.Hold> holds = new ArrayList<>(wal.ownHolds(current.get(Settings.WAL_KEEP_SIZE)));
        holds.addAll(sessions.holds());
        holds.addAll(slots.holds(wal.end().flushed(), current.get(Settings.MAX_SLOT_WAL_KEEP_SIZE)));
        Retention retention = new Retention(holds);
        Optional<Lsn> horizon = retention
                .horizon()
                .map(position -> wal.directory().segmentSize().segmentStart(position));
        log.debug("WAL is kept for: {}", retention.holds());
        if (horizon.isEmpty()) {
            return;
        }
        for (ReplicationSlot slot :
                slots.invalidateObsolete(horizon.get(), current.get(Settings.IDLE_REPLICATION_SLOT_TIMEOUT))) {
            log.info("terminating process {} to release replication slot \"{}\"", slot.activePid(), slot.name());
            sessions.terminate(slot.activePid());
        }
        // What the slots say now has to be durable before the WAL goes that they said before.
        slots.saveMoved();
        int removed = wal.removeBefore(horizon.get());
        if (removed > 0) {
            log.info(
                    "removed {} WAL files before {}, which is kept for: {}",
                    removed,
                    horizon.get(),
                    retention.holds().getFirst().reason());
        }
    }
}
