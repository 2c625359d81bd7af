package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.CompressionState;
import io.walrelay.proxy.console.state.Degradation;
import io.walrelay.proxy.console.state.DiskState;
import io.walrelay.proxy.console.state.FileSetting;
import io.walrelay.proxy.console.state.HbaLine;
import io.walrelay.proxy.console.state.HoldState;
import io.walrelay.proxy.console.state.ReceiverState;
import io.walrelay.proxy.console.state.RelayEvent;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.state.RoleState;
import io.walrelay.proxy.console.state.SenderState;
import io.walrelay.proxy.console.state.SettingState;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.proxy.console.state.SynchronousState;
import io.walrelay.proxy.console.state.UpstreamHost;
import io.walrelay.proxy.console.state.WalState;
import io.walrelay.proxy.event.RecentEvents;
import io.walrelay.proxy.hba.AccessRules;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.wal.Retention;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walreceiver.WalReceiver;
import io.walrelay.proxy.walreceiver.WalReceiverStatus;
import io.walrelay.replication.PgTimestamp;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The relay's parts, as the console sees them: who is connected, the slots and the settings have files of their own.
 * Any thread.
 */
final class LiveRelay implements RelayState {
    private final Instant started = Instant.now();
    private final Supplier<Configuration> configuration;
    private final Supplier<AccessRules> access;
    private final Supplier<Instant> loaded;
    private final Cluster cluster;
    private final WalReceiver walReceiver;
    private final Maintenance upkeep;
    private final LiveSenders senders;
    private final LiveSlots walSlots;
    private final LiveSettings files;
    private final RecentEvents events;
    private volatile Supplier<List<BackendState>> ordinary = List::of;

    LiveRelay(
            Supplier<Configuration> configuration,
            Supplier<AccessRules> access,
            Supplier<Instant> loaded,
            Cluster cluster,
            SlotRegistry slots,
            StandIn standIn,
            WalReceiver walReceiver,
            Maintenance upkeep,
            RecentEvents events) {
        this.configuration = configuration;
        this.access = access;
        this.loaded = loaded;
        this.cluster = cluster;
        this.senders = new LiveSenders(configuration, cluster, standIn);
        this.walSlots = new LiveSlots(configuration, cluster, slots);
        this.files = new LiveSettings(configuration);
        this.events = events;
        this.walReceiver = walReceiver;
        this.upkeep = upkeep;
    }

    /** Has {@code sessions} tell of the sessions that are no walsenders. */
    void ordinarySessions(Supplier<List<BackendState>> sessions) {
        ordinary = sessions;
    }

    private Optional<WalStore> store() {
        return cluster.known().map(Cluster.Known::wal);
    }

    @Override
    public Instant started() {
        return started;
    }

    @Override
    public Instant configurationLoaded() {
        return loaded.get();
    }

    @Override
    public String serverVersion() {
        return cluster.known().map(known -> known.server().version().text()).orElse("");
    }

    @Override
    public int major() {
        // Ordinary connections are let in only when this is known.
        return cluster.known().map(known -> known.server().major()).orElse(18);
    }

    @Override
    public Optional<WalState> wal() {
        return store().map(wal -> {
            TimelineHistory history = wal.end().history();
            return new WalState(
                    wal.control().systemIdentifier().toString(),
                    wal.control().segmentSize().bytes(),
                    history.timeline().value(),
                    wal.end().base(),
                    wal.end().written(),
                    wal.end().flushed(),
                    senders.applied(wal),
                    history.ancestors().stream()
                            .map(entry -> new WalState.Ancestor(
                                    entry.timeline().value(), entry.switchPoint(), entry.reason()))
                            .toList());
        });
    }

    private static Optional<Instant> time(long micros) {
        return micros == 0 ? Optional.empty() : Optional.of(PgTimestamp.toInstant(micros));
    }

    @Override
    public Optional<ReceiverState> receiver() {
        return walReceiver.status().map(LiveRelay::receiver);
    }

    private static ReceiverState receiver(WalReceiverStatus status) {
        return new ReceiverState(
                status.status(),
                status.receiveStartLsn(),
                status.receiveStartTli().map(timeline -> timeline.value()).orElse(0),
                status.writtenLsn(),
                status.flushedLsn(),
                status.receivedTli().value(),
                time(status.lastMsgSendTime()),
                time(status.lastMsgReceiptTime()),
                status.latestEndLsn(),
                time(status.latestEndTime()),
                status.slotName(),
                status.senderHost(),
                status.senderPort(),
                status.conninfo());
    }

    @Override
    public List<UpstreamHost> upstreams() {
        Optional<WalReceiverStatus> link = walReceiver.status();
        return configuration.get().get(Settings.PRIMARY_CONNINFO).map(ConnectionInfo::hosts).stream()
                .flatMap(List::stream)
                .map(host -> new UpstreamHost(
                        host.name(),
                        host.port(),
                        link.filter(status -> status.senderHost().equals(host.name())
                                        && status.senderPort() == host.port()
                                        && status.status().equals("streaming"))
                                .isPresent(),
                        walReceiver.isPaused()))
                .toList();
    }

    @Override
    public List<SenderState> senders() {
        return senders.senders();
    }

    @Override
    public Optional<SynchronousState> synchronous() {
        return senders.synchronous();
    }

    @Override
    public List<Degradation> degradations() {
        return senders.degradations();
    }

    @Override
    public List<RelayEvent> events() {
        return events.recent().stream()
                .map(event ->
                        new RelayEvent(event.time(), event.kind(), event.severity(), event.message(), event.detail()))
                .toList();
    }

    @Override
    public List<CompressionState> compression() {
        return LiveCompression.of(walReceiver.status(), senders.statuses());
    }

    @Override
    public List<SlotState> slots() {
        return walSlots.slots();
    }

    @Override
    public List<BackendState> backends() {
        return senders.backends(ordinary.get());
    }

    @Override
    public List<SettingState> settings() {
        return files.settings();
    }

    @Override
    public List<FileSetting> fileSettings() {
        return files.fileSettings();
    }

    @Override
    public List<HbaLine> hbaLines() {
        return files.hbaLines();
    }

    @Override
    public List<RoleState> roles() {
        TreeSet<String> names = new TreeSet<>(access.get().verifiers().keySet());
        List<String> admins = configuration.get().get(Settings.ADMIN_USERS);
        names.addAll(admins);
        backends().forEach(backend -> backend.user().ifPresent(names::add));
        return names.stream()
                .map(name -> new RoleState(name, admins.contains(name)))
                .toList();
    }

    @Override
    public List<HoldState> holds() {
        return store().stream()
                .flatMap(wal -> retention(wal).holds().stream())
                .map(hold -> new HoldState(hold.reason(), hold.from()))
                .toList();
    }

    private Retention retention(WalStore wal) {
        try {
            return upkeep.retention(wal);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<DiskState> disk() {
        return store().map(wal -> {
            try {
                return new DiskState(
                        wal.guard().walBytes(),
                        configuration.get().get(Settings.WAL_DISK_LIMIT),
                        wal.guard().freeBytes(),
                        (long) configuration.get().get(Settings.REPLICATION_HALT_SEGMENTS)
                                * wal.control().segmentSize().bytes(),
                        wal.guard().refusal());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
