package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.InvalidValueException;
import io.walrelay.proxy.config.SettingType;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotInvalidation;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.slot.WalAvailability;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** The replication slots, as the console sees them. Any thread. */
final class LiveSlots {
    private final Supplier<Configuration> configuration;
    private final Cluster cluster;
    private final SlotRegistry slots;

    LiveSlots(Supplier<Configuration> configuration, Cluster cluster, SlotRegistry slots) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.slots = slots;
    }

    private Optional<WalStore> store() {
        return cluster.known().map(Cluster.Known::wal);
    }

    private static Optional<Lsn> valid(Lsn lsn) {
        return lsn.isValid() ? Optional.of(lsn) : Optional.empty();
    }

    /** All of them. */
    List<SlotState> slots() {
        List<ReplicationSlot> all = slots.all();
        Optional<WalAvailability.Wal> wal = store().map(known -> availableWal(known, all));
        return all.stream().map(slot -> slot(slot, wal)).toList();
    }

    private WalAvailability.Wal availableWal(WalStore wal, List<ReplicationSlot> all) {
        Configuration current = configuration.get();
        try {
            return new WalAvailability.Wal(
                    wal.directory().segmentSize(),
                    wal.end().written(),
                    wal.oldest(),
                    all.stream()
                            .filter(slot -> slot.invalidation().isEmpty())
                            .map(ReplicationSlot::restartLsn)
                            .filter(Lsn::isValid)
                            .min(Comparator.naturalOrder()),
                    current.get(Settings.WAL_KEEP_SIZE),
                    current.get(Settings.MAX_SLOT_WAL_KEEP_SIZE),
                    maxWalSize());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As SHOW shows it: the upstream's, for the relay has none of its own. In bytes. */
    private long maxWalSize() {
        SettingType.Size megabytes = new SettingType.Size(0, Integer.MAX_VALUE);
        String name = "max_wal_size";
        String shown = cluster.known()
                .flatMap(known -> known.server().setting(name))
                .map(MirroredServer.Parameter::setting)
                .orElse("1GB");
        try {
            return megabytes.parse(name, shown, Path.of(""));
        } catch (InvalidValueException e) {
            throw new IllegalStateException("the upstream's " + name + " cannot be read", e);
        }
    }

    private static SlotState slot(ReplicationSlot slot, Optional<WalAvailability.Wal> wal) {
        boolean invalidated = slot.invalidation().isPresent();
        Optional<WalAvailability> availability =
                wal.map(known -> WalAvailability.of(known, slot.restartLsn(), invalidated, slot.activePid() != 0));
        return new SlotState(
                slot.name(),
                slot.temporary(),
                slot.activePid(),
                slot.xmins().shownXmin(),
                slot.xmins().shownCatalogXmin(),
                valid(slot.restartLsn()),
                slot.invalidation().map(SlotInvalidation::reason),
                availability
                        .flatMap(WalAvailability::status)
                        .map(status -> status.name().toLowerCase(Locale.ROOT)),
                availability.map(WalAvailability::safeBytes).orElseGet(OptionalLong::empty),
                slot.inactiveSince());
    }

    /** A slot of which only name and position are asked for. */
    static SlotState slot(ReplicationSlot slot) {
        return slot(slot, Optional.empty());
    }
}
