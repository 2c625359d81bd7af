package io.walrelay.proxy.console.catalog;

import static io.walrelay.proxy.console.catalog.Rows.row;

import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.HoldState;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.state.WalState;
import io.walrelay.replication.Lsn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL has no views for: schema {@code walrelay}. */
final class RelayRows {
    private RelayRows() {}

    static List<Map<String, @Nullable Object>> upstreams(RelayState relay) {
        return relay.upstreams().stream()
                .map(host -> row(
                        "host",
                        host.host(),
                        "port",
                        host.port(),
                        "streaming",
                        host.streaming(),
                        "paused",
                        host.paused()))
                .toList();
    }

    static List<Map<String, @Nullable Object>> timelines(RelayState relay) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        relay.wal().ifPresent(wal -> {
            for (WalState.Ancestor ancestor : wal.history()) {
                rows.add(row(
                        "timeline_id",
                        ancestor.timeline(),
                        "switch_lsn",
                        ancestor.switchPoint(),
                        "reason",
                        ancestor.reason(),
                        "current",
                        false));
            }
            rows.add(row("timeline_id", wal.timeline(), "current", true));
        });
        return rows;
    }

    static List<Map<String, @Nullable Object>> retention(RelayState relay) {
        List<HoldState> holds = relay.holds();
        Optional<Lsn> written = relay.wal().map(WalState::written);
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (HoldState hold : holds) {
            rows.add(row(
                    "reason",
                    hold.reason(),
                    "keeps_from",
                    hold.from(),
                    "retained_bytes",
                    written.map(end -> new BigDecimal(unsigned(end).subtract(unsigned(hold.from())))),
                    "is_horizon",
                    hold.from().equals(holds.get(0).from())));
        }
        return rows;
    }

    private static BigInteger unsigned(Lsn lsn) {
        return new BigInteger(Long.toUnsignedString(lsn.value()));
    }

    static List<Map<String, @Nullable Object>> disk(RelayState relay) {
        return relay.disk().stream()
                .map(disk -> row(
                        "wal_bytes",
                        disk.walBytes(),
                        "wal_disk_limit",
                        disk.limitBytes() < 0 ? null : disk.limitBytes(),
                        "free_bytes",
                        disk.freeBytes(),
                        "halt_bytes",
                        disk.haltBytes(),
                        "refusal",
                        disk.refusal()))
                .toList();
    }

    static List<Map<String, @Nullable Object>> wal(RelayState relay) {
        return relay.wal().stream()
                .map(wal -> row(
                        "system_identifier",
                        wal.systemIdentifier(),
                        "timeline_id",
                        wal.timeline(),
                        "segment_size",
                        wal.segmentBytes(),
                        "start_lsn",
                        wal.received(),
                        "written_lsn",
                        wal.written(),
                        "flushed_lsn",
                        wal.flushed(),
                        "applied_lsn",
                        wal.applied()))
                .toList();
    }

    static List<Map<String, @Nullable Object>> compression(RelayState relay) {
        return relay.compression().stream()
                .map(stream -> row(
                        "pid",
                        stream.pid(),
                        "backend_type",
                        stream.backendType(),
                        "application_name",
                        stream.applicationName(),
                        "method",
                        stream.method(),
                        "level",
                        stream.level() == 0 ? null : stream.level(),
                        "raw_bytes",
                        stream.rawBytes(),
                        "wire_bytes",
                        stream.wireBytes(),
                        "ratio",
                        stream.wireBytes() == 0 ? null : (double) stream.rawBytes() / stream.wireBytes(),
                        "zstd_time",
                        stream.nanos() / 1e6))
                .toList();
    }

    static List<Map<String, @Nullable Object>> senders(RelayState relay) {
        Map<Integer, String> names = relay.backends().stream()
                .collect(Collectors.toMap(BackendState::pid, BackendState::applicationName, (one, other) -> one));
        return relay.senders().stream()
                .map(sender -> row(
                        "pid",
                        sender.pid(),
                        "application_name",
                        names.get(sender.pid()),
                        "state",
                        sender.state(),
                        "sent_lsn",
                        sender.sent(),
                        "paused",
                        sender.paused()))
                .toList();
    }
}
