package io.walrelay.proxy.metrics;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.SenderState;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.replication.Lsn;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What is told to Prometheus of the relay. The names follow its conventions (base units, {@code _total} for what is
 * counted); docs/operations.md lists them.
 */
final class RelayMetrics {
    private static final List<String> WAL_STATUSES = List.of("reserved", "extended", "unreserved", "lost");

    private final Families families = new Families();
    private final Figures figures;

    /** Where the WAL ends that is here. */
    private final Lsn end;

    private RelayMetrics(Figures figures) {
        this.figures = figures;
        this.end = figures.wal().map(wal -> wal.written()).orElse(Lsn.INVALID);
    }

    static MetricSnapshots of(Figures figures) {
        RelayMetrics metrics = new RelayMetrics(figures);
        metrics.program();
        metrics.wal();
        metrics.upstream();
        metrics.synchronous();
        metrics.senders();
        metrics.slots();
        metrics.disk();
        return metrics.families.build();
    }

    private void program() {
        families.info("build", "The program.", "version", figures.version());
        families.gauge(
                "start_time_seconds",
                "When the relay was started, since 1970.",
                figures.started().toEpochMilli() / 1e3);
    }

    private void wal() {
        figures.wal().ifPresent(wal -> {
            families.gauge("timeline", "The newest timeline.", wal.timeline());
            families.position("written", "Up to where WAL is written here.", wal.written());
            families.position("flushed", "Up to where WAL is durable here.", wal.flushed());
        });
        families.counter("wal_received_bytes", "WAL received and written since the start.", figures.receivedBytes());
        families.counter("wal_sent_bytes", "WAL sent since the start, to all clients.", figures.sentBytes());
    }

    private void upstream() {
        families.gauge(
                "upstream_streaming",
                "Whether WAL is being streamed from the upstream.",
                figures.receiver()
                        .map(link -> link.status().equals("streaming"))
                        .orElse(false));
        figures.receiver().filter(link -> link.latestEnd().isValid()).ifPresent(link -> {
            families.position("upstream", "Where the upstream's WAL ends, as it said last.", link.latestEnd());
            families.gauge(
                    "upstream_lag_bytes",
                    "WAL that the upstream has and the relay has not written.",
                    Families.bytes(end, link.latestEnd()));
            link.messageReceived()
                    .ifPresent(time -> families.gauge(
                            "upstream_last_message_time_seconds",
                            "When the upstream's last message came, since 1970.",
                            time.toEpochMilli() / 1e3));
        });
    }

    private void synchronous() {
        figures.synchronous().ifPresent(sync -> {
            families.gauge(
                    "sync_degraded",
                    "Whether the relay goes on without its synchronous standbys.",
                    sync.state().equals("degraded"));
            families.gauge(
                    "sync_overdue",
                    "Whether it waits for them for longer than replication_timeout.",
                    sync.state().equals("overdue"));
            families.counter("sync_degradations", "How often it has begun to go on without them.", sync.degradations());
            families.position(
                    "sync_confirmed", "Up to where the synchronous standbys have flushed.", sync.confirmedFlush());
            families.position("reported_write", "The write position told upstream last.", sync.reportedWrite());
            families.position("reported_flush", "The flush position told upstream last.", sync.reportedFlush());
            families.position("reported_apply", "The apply position told upstream last.", sync.reportedApply());
        });
    }

    private void senders() {
        Map<Integer, BackendState> sessions = figures.backends().stream()
                .collect(Collectors.toMap(BackendState::pid, Function.identity(), (one, other) -> one));
        Function<SenderState, Labels> labels = sender -> {
            Optional<BackendState> session = Optional.ofNullable(sessions.get(sender.pid()));
            return Labels.of(
                    "pid", Integer.toString(sender.pid()),
                    "application_name",
                            session.map(BackendState::applicationName).orElse(""),
                    "client_addr", session.flatMap(BackendState::clientAddress).orElse(""));
        };
        sender(
                "streaming",
                "Whether a client has caught up.",
                labels,
                sender -> flag(sender.state().equals("streaming")));
        sender(
                "synchronous",
                "Whether a client is waited for.",
                labels,
                sender -> flag(
                        sender.syncState().equals("sync") || sender.syncState().equals("quorum")));
        senderBehind("sent", "been sent", labels, SenderState::sent);
        senderBehind("write", "written", labels, SenderState::write);
        senderBehind("flush", "flushed", labels, SenderState::flush);
        senderBehind("replay", "replayed", labels, SenderState::replay);
        senderLate("write", labels, SenderState::writeLag);
        senderLate("flush", labels, SenderState::flushLag);
        senderLate("replay", labels, SenderState::replayLag);
    }

    private void senderBehind(
            String what,
            String done,
            Function<SenderState, Labels> labels,
            Function<SenderState, Optional<Lsn>> position) {
        sender(
                what + "_lag_bytes",
                "WAL that is here and that a client has not " + done + ".",
                labels,
                sender -> position.apply(sender).map(at -> Families.bytes(at, end)));
    }

    private void senderLate(
            String what, Function<SenderState, Labels> labels, Function<SenderState, Optional<Duration>> lag) {
        sender(
                what + "_lag_seconds",
                what + "_lag of pg_stat_replication.",
                labels,
                sender -> lag.apply(sender).map(Families::seconds));
    }

    private void sender(
            String name,
            String help,
            Function<SenderState, Labels> labels,
            Function<SenderState, Optional<Double>> value) {
        families.gauges("sender_" + name, help, figures.senders(), labels, value);
    }

    /** A slot, and what its WAL might be. */
    private record Status(SlotState slot, String name) {}

    private void slots() {
        Function<SlotState, Labels> labels = slot -> Labels.of("slot_name", slot.name());
        families.gauges(
                "slot_active",
                "Whether a slot is in use.",
                figures.slots(),
                labels,
                slot -> flag(slot.activePid() != 0));
        families.gauges(
                "slot_retained_bytes",
                "WAL from a slot's restart_lsn to the end.",
                figures.slots(),
                labels,
                slot -> slot.restartLsn().map(from -> Families.bytes(from, end)));
        families.gauges(
                "slot_wal_status",
                "1 for the wal_status that a slot has.",
                figures.slots().stream()
                        .filter(slot -> slot.walStatus().isPresent())
                        .flatMap(slot -> WAL_STATUSES.stream().map(name -> new Status(slot, name)))
                        .toList(),
                status -> Labels.of("slot_name", status.slot().name(), "wal_status", status.name()),
                status -> flag(status.slot().walStatus().equals(Optional.of(status.name()))));
    }

    private void disk() {
        figures.disk().ifPresent(disk -> {
            families.gauge("disk_wal_bytes", "What the WAL takes of the disk.", (double) disk.walBytes());
            if (disk.limitBytes() >= 0) {
                families.gauge("disk_limit_bytes", "What it may take: wal_disk_limit.", (double) disk.limitBytes());
            }
            families.gauge("disk_free_bytes", "What is free in the file system of the WAL.", (double) disk.freeBytes());
            families.gauge(
                    "disk_halted",
                    "Whether there is no room for more WAL.",
                    disk.refusal().isPresent());
        });
    }

    private static Optional<Double> flag(boolean value) {
        return Optional.of(value ? 1.0 : 0.0);
    }
}
