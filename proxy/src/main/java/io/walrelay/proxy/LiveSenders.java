package io.walrelay.proxy;

import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.Degradation;
import io.walrelay.proxy.console.state.SenderState;
import io.walrelay.proxy.console.state.SynchronousState;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.TransferState;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walsender.SenderClient;
import io.walrelay.proxy.walsender.SenderStatus;
import io.walrelay.proxy.walsender.SyncStatus;
import io.walrelay.replication.Lsn;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The walsenders and the synchronous standbys among their clients, as the console sees them. Any thread. */
final class LiveSenders {
    private final Supplier<Configuration> configuration;
    private final Cluster cluster;
    private final StandIn standIn;

    LiveSenders(Supplier<Configuration> configuration, Cluster cluster, StandIn standIn) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.standIn = standIn;
    }

    private Optional<WalStore> store() {
        return cluster.known().map(Cluster.Known::wal);
    }

    /** Up to where the furthest of the standbys has applied WAL, as it says. */
    Optional<Lsn> applied(WalStore wal) {
        return standIn.replication(wal).senders().stream()
                .map(sender -> sender.reported().apply())
                .filter(Lsn::isValid)
                .max(Comparator.naturalOrder())
                .map(furthest -> Lsn.min(furthest, wal.end().written()));
    }

    private static Optional<Lsn> valid(Lsn lsn) {
        return lsn.isValid() ? Optional.of(lsn) : Optional.empty();
    }

    /** All of them, as the registry tells of them. */
    List<SenderStatus> statuses() {
        return store().map(wal -> standIn.replication(wal).senders()).orElse(List.of());
    }

    /** The rows of pg_stat_replication, but for their sessions. */
    List<SenderState> senders() {
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

    /** The sessions for replication, and those of the console, which are the same where SQL is asked on the former. */
    List<BackendState> backends(List<BackendState> ofConsole) {
        Map<Integer, BackendState> sql = new LinkedHashMap<>();
        ofConsole.forEach(backend -> sql.put(backend.pid(), backend));
        List<BackendState> all = new ArrayList<>();
        for (SenderStatus status : statuses()) {
            BackendState sender = walsender(status);
            BackendState console = sql.remove(sender.pid());
            all.add(
                    console == null
                            ? sender
                            : sender.withDatabase(console, status.state() == ReplicationState.STARTUP));
        }
        all.addAll(sql.values());
        return all;
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
                client.tls().map(BackendState.Tls::of));
    }

    /** What is waited for, and how that stands. */
    Optional<SynchronousState> synchronous() {
        return store().map(wal -> synchronous(standIn.replication(wal).status()));
    }

    private SynchronousState synchronous(SyncStatus status) {
        SyncRules rules = status.rules();
        Configuration current = configuration.get();
        boolean waits = rules.holdsCommits() || rules.holdsOthers();
        Optional<Instant> since = switch (status.state()) {
            case TransferState.Armed armed -> Optional.empty();
            case TransferState.Overdue overdue -> Optional.of(overdue.since());
            case TransferState.Degraded degraded -> Optional.of(degraded.since());
        };
        return new SynchronousState(
                current.show(Settings.SYNCHRONOUS_STANDBY_NAMES),
                rules.names().map(names -> switch (names.method()) {
                    case PRIORITY -> "FIRST";
                    case QUORUM -> "ANY";
                }),
                rules.names().map(SyncStandbyNames::numSync).orElse(0),
                current.show(Settings.SYNCHRONOUS_TRANSFER),
                waits ? status.state().title() : "off",
                since,
                since.flatMap(began -> status.events().stream()
                        .reduce((earlier, later) -> later)
                        .map(SyncStatus.Event::message)),
                valid(status.confirmed().write()),
                valid(status.confirmed().flush()),
                valid(status.confirmed().apply()),
                status.limit());
    }

    /** When they were late. */
    List<Degradation> degradations() {
        List<SyncStatus.Event> events =
                store().map(wal -> standIn.replication(wal).status().events()).orElse(List.of());
        List<Degradation> late = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            SyncStatus.Event event = events.get(i);
            if (!event.state().equals("armed")) {
                late.add(new Degradation(
                        event.time(),
                        i + 1 < events.size() ? Optional.of(events.get(i + 1).time()) : Optional.empty(),
                        event.state(),
                        valid(event.position()),
                        event.message()));
            }
        }
        return late;
    }
}
