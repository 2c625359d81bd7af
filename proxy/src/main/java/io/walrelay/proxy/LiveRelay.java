package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.InvalidValueException;
import io.walrelay.proxy.config.Origin;
import io.walrelay.proxy.config.Setting;
import io.walrelay.proxy.config.SettingType;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.config.Unit;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.DiskState;
import io.walrelay.proxy.console.state.FileSetting;
import io.walrelay.proxy.console.state.HbaLine;
import io.walrelay.proxy.console.state.HoldState;
import io.walrelay.proxy.console.state.ReceiverState;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.state.RoleState;
import io.walrelay.proxy.console.state.SenderState;
import io.walrelay.proxy.console.state.SettingState;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.proxy.console.state.UpstreamHost;
import io.walrelay.proxy.console.state.WalState;
import io.walrelay.proxy.hba.AccessRules;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotInvalidation;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.slot.WalAvailability;
import io.walrelay.proxy.wal.Retention;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walreceiver.WalReceiver;
import io.walrelay.proxy.walreceiver.WalReceiverStatus;
import io.walrelay.proxy.walsender.SenderClient;
import io.walrelay.proxy.walsender.SenderStatus;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgTimestamp;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The relay's parts, as the console sees them. Any thread. */
final class LiveRelay implements RelayState {
    private final Instant started = Instant.now();
    private final Supplier<Configuration> configuration;
    private final Supplier<AccessRules> access;
    private final Supplier<Instant> loaded;
    private final Cluster cluster;
    private final SlotRegistry slots;
    private final StandIn standIn;
    private final WalReceiver walReceiver;
    private final Maintenance upkeep;
    private volatile Supplier<List<BackendState>> ordinary = List::of;

    LiveRelay(
            Supplier<Configuration> configuration,
            Supplier<AccessRules> access,
            Supplier<Instant> loaded,
            Cluster cluster,
            SlotRegistry slots,
            StandIn standIn,
            WalReceiver walReceiver,
            Maintenance upkeep) {
        this.configuration = configuration;
        this.access = access;
        this.loaded = loaded;
        this.cluster = cluster;
        this.slots = slots;
        this.standIn = standIn;
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
                    applied(wal),
                    history.ancestors().stream()
                            .map(entry -> new WalState.Ancestor(
                                    entry.timeline().value(), entry.switchPoint(), entry.reason()))
                            .toList());
        });
    }

    private Optional<Lsn> applied(WalStore wal) {
        return standIn.replication(wal).senders().stream()
                .map(sender -> sender.reported().apply())
                .filter(Lsn::isValid)
                .max(Comparator.naturalOrder())
                .map(furthest -> Lsn.min(furthest, wal.end().written()));
    }

    private static Optional<Lsn> valid(Lsn lsn) {
        return lsn.isValid() ? Optional.of(lsn) : Optional.empty();
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

    private List<SenderStatus> statuses() {
        return store().map(wal -> standIn.replication(wal).senders()).orElse(List.of());
    }

    @Override
    public List<SenderState> senders() {
        return statuses().stream()
                .map(status -> new SenderState(
                        status.client().pid(),
                        status.state().title(),
                        valid(status.sent()),
                        valid(status.reported().write()),
                        valid(status.reported().flush()),
                        valid(status.reported().apply()),
                        status.lag().write(),
                        status.lag().flush(),
                        status.lag().replay(),
                        status.standing().priority(),
                        status.standing().state().title(),
                        status.replyTime(),
                        status.backendXmin().isPresent()
                                ? Optional.of(status.backendXmin().getAsLong())
                                : Optional.empty(),
                        status.paused()))
                .toList();
    }

    @Override
    public List<SlotState> slots() {
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
                valid(slot.restartLsn()),
                slot.invalidation().map(SlotInvalidation::reason),
                availability
                        .flatMap(WalAvailability::status)
                        .map(status -> status.name().toLowerCase(Locale.ROOT)),
                availability.map(WalAvailability::safeBytes).orElseGet(OptionalLong::empty),
                Optional.empty());
    }

    /** A slot of which only name and position are asked for. */
    static SlotState slot(ReplicationSlot slot) {
        return slot(slot, Optional.empty());
    }

    @Override
    public List<BackendState> backends() {
        return Stream.concat(statuses().stream().map(LiveRelay::walsender), ordinary.get().stream())
                .toList();
    }

    private static BackendState walsender(SenderStatus status) {
        SenderClient client = status.client();
        return new BackendState(
                client.pid(),
                "walsender",
                Optional.of(client.user()),
                Optional.empty(),
                client.applicationName(),
                client.address().map(InetAddress::getHostAddress),
                client.port(),
                client.backendStart(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "active",
                "START_REPLICATION",
                Optional.empty());
    }

    @Override
    public List<SettingState> settings() {
        Configuration current = configuration.get();
        List<SettingState> settings = new ArrayList<>();
        for (Setting<?> setting : Settings.all()) {
            settings.add(setting(current, setting));
        }
        return settings;
    }

    private static SettingState setting(Configuration current, Setting<?> setting) {
        Origin origin = current.origin(setting);
        Optional<Origin.File> file = origin instanceof Origin.File line ? Optional.of(line) : Optional.empty();
        String value = current.setting(setting);
        return new SettingState(
                setting.name(),
                value,
                setting.type().unit().map(Unit::label),
                setting.category().title(),
                setting.doc(),
                setting.context().name().toLowerCase(Locale.ROOT),
                setting.type().vartype(),
                source(origin),
                setting.type().minimum(),
                setting.type().maximum(),
                setting.type().choices(),
                setting.bootValue(),
                file.map(line -> line.file().toString()),
                file.map(Origin.File::line).orElse(0),
                false,
                current.show(setting));
    }

    private static String source(Origin origin) {
        return switch (origin) {
            case Origin.Default nobody -> "default";
            case Origin.File line -> "configuration file";
            case Origin.CommandLine options -> "command line";
        };
    }

    @Override
    public List<FileSetting> fileSettings() {
        Configuration current = configuration.get();
        List<FileSetting> lines = new ArrayList<>();
        for (Setting<?> setting : Settings.all()) {
            if (current.origin(setting) instanceof Origin.File line) {
                lines.add(new FileSetting(
                        line.file().toString(),
                        line.line(),
                        lines.size() + 1,
                        setting.name(),
                        current.show(setting),
                        true,
                        Optional.empty()));
            }
        }
        return lines;
    }

    @Override
    public List<HbaLine> hbaLines() {
        List<HbaLine> lines = new ArrayList<>();
        access.get().hba().rules().forEach(rule -> {
            if (rule.origin() instanceof Origin.File line) {
                lines.add(new HbaLine(
                        line.file().toString(),
                        line.line(),
                        Optional.of(rule.type().name().toLowerCase(Locale.ROOT)),
                        rule.shownDatabases(),
                        rule.shownUsers(),
                        rule.shownAddresses().stream().findFirst(),
                        Optional.empty(),
                        Optional.of(
                                rule.method().name().toLowerCase(Locale.ROOT).replace('_', '-')),
                        List.of(),
                        Optional.empty()));
            }
        });
        return lines;
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
