package io.walrelay.proxy;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.slot.Xmins;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.wal.Retention;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walreceiver.StandbySource;
import io.walrelay.proxy.walreceiver.StandbyXmins;
import io.walrelay.proxy.walsender.SenderRegistry;
import io.walrelay.proxy.walsender.SenderWakeups;
import io.walrelay.proxy.walsender.SyncReplication;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/**
 * What joins the two sides of the relay: the downstream side says what its standbys have, the upstream side reports it,
 * and what the upstream sends wakes the downstream side. Neither depends on the other.
 */
final class StandIn {
    private final Supplier<Configuration> configuration;
    private final SlotRegistry slots;
    private final ScheduledExecutorService timer;
    private final Clock clock;
    private final SenderRegistry senders = new SenderRegistry();
    private final Map<WalStore, Joint> joints = new ConcurrentHashMap<>();
    private volatile Runnable positionsMoved = () -> {};

    private volatile InForce inForce;

    /** The rules that settings come to. */
    private record InForce(Configuration of, SyncRules rules) {}

    /** What belongs to one store. */
    private record Joint(SenderWakeups wakeups, SyncReplication replication) {}

    /**
     * Joins nothing yet.
     *
     * @param timer for what is late
     */
    StandIn(Supplier<Configuration> configuration, SlotRegistry slots, ScheduledExecutorService timer, Clock clock) {
        this.configuration = configuration;
        this.inForce = new InForce(configuration.get(), rules(configuration.get()));
        this.slots = slots;
        this.timer = timer;
        this.clock = clock;
    }

    /** Has {@code listener} told, on any thread, when there may be something to report upstream. */
    void onPositionsMoved(Runnable listener) {
        positionsMoved = listener;
    }

    /** Every walsender. */
    SenderRegistry senders() {
        return senders;
    }

    /** What wakes the senders of a store. */
    SenderWakeups wakeups(WalStore wal) {
        return joint(wal).wakeups;
    }

    /** The synchronous standbys behind a store. */
    SyncReplication replication(WalStore wal) {
        return joint(wal).replication;
    }

    /** The settings have changed. */
    void reload() {
        joints.values().forEach(joint -> joint.replication.reconsider());
    }

    /** The WAL that the synchronous standbys have not confirmed yet. */
    Optional<Retention.Hold> hold(WalStore wal) {
        return replication(wal).unconfirmed().map(from -> new Retention.Hold("synchronous standbys", from));
    }

    /** What the upstream is told. */
    StandbySource source() {
        return new StandbySource(wal -> replication(wal)::report, this::xmins);
    }

    private StandbyXmins xmins() {
        if (!configuration.get().get(Settings.HOT_STANDBY_FEEDBACK)) {
            return StandbyXmins.NONE;
        }
        Xmins needed = senders.xmins().join(slots.xmins());
        return new StandbyXmins(needed.xmin(), needed.catalogXmin());
    }

    private Joint joint(WalStore wal) {
        return joints.computeIfAbsent(wal, this::join);
    }

    private Joint join(WalStore wal) {
        SenderWakeups wakeups = new SenderWakeups(wal, () -> configuration.get().get(Settings.WAL_SEND_AFTER));
        SyncReplication.Listener listener = new SyncReplication.Listener() {
            @Override
            public void positionsMoved() {
                positionsMoved.run();
            }

            @Override
            public void limitMoved() {
                wakeups.wake();
            }
        };
        return new Joint(wakeups, new SyncReplication(wal, senders, this::rules, listener, timer, clock));
    }

    /** Any thread: with each report of a client, so that they are not put together anew. */
    private SyncRules rules() {
        Configuration now = configuration.get();
        InForce last = inForce;
        if (last.of != now) {
            last = new InForce(now, rules(now));
            inForce = last;
        }
        return last.rules;
    }

    private static SyncRules rules(Configuration of) {
        return new SyncRules(
                of.get(Settings.SYNCHRONOUS_STANDBY_NAMES),
                of.get(Settings.SYNCHRONOUS_TRANSFER),
                of.get(Settings.REPLICATION_TIMEOUT),
                of.get(Settings.REPLICATION_TIMEOUT_ACTION));
    }
}
