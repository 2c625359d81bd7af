package io.walrelay.proxy.console.catalog;

import static io.walrelay.proxy.console.catalog.Rows.row;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.state.SenderState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the relay waits for, when it did not get it, and what else has happened. */
final class SynchronousRows {
    private SynchronousRows() {}

    static List<Map<String, @Nullable Object>> state(RelayState relay) {
        return relay.synchronous().stream()
                .map(state -> row(
                        "synchronous_standby_names",
                        state.names(),
                        "method",
                        state.method(),
                        "num_sync",
                        state.required(),
                        "synchronous_transfer",
                        state.transfer(),
                        "state",
                        state.state(),
                        "since",
                        state.since(),
                        "reason",
                        state.reason(),
                        "members",
                        names(relay, Set.of("sync", "quorum")),
                        "potential",
                        names(relay, Set.of("potential")),
                        "write_lsn",
                        state.write(),
                        "flush_lsn",
                        state.flush(),
                        "apply_lsn",
                        state.apply(),
                        "limit_lsn",
                        state.limit()))
                .toList();
    }

    private static List<String> names(RelayState relay, Set<String> syncStates) {
        Set<Integer> pids = relay.senders().stream()
                .filter(sender -> syncStates.contains(sender.syncState()))
                .map(SenderState::pid)
                .collect(Collectors.toSet());
        return relay.backends().stream()
                .filter(backend -> pids.contains(backend.pid()))
                .map(BackendState::applicationName)
                .toList();
    }

    static List<Map<String, @Nullable Object>> degradations(RelayState relay) {
        return relay.degradations().stream()
                .map(degradation -> row(
                        "began",
                        degradation.began(),
                        "ended",
                        degradation.ended(),
                        "state",
                        degradation.state(),
                        "flush_lsn",
                        degradation.flushed(),
                        "message",
                        degradation.message()))
                .toList();
    }

    /** Messages about sessions name users and addresses: those are for admins, as in pg_stat_activity. */
    static List<Map<String, @Nullable Object>> events(RelayState relay, ConsoleClient client) {
        return relay.events().stream()
                .filter(event -> client.admin() || !event.kind().equals("session"))
                .map(event -> row(
                        "event_time",
                        event.time(),
                        "kind",
                        event.kind(),
                        "severity",
                        event.severity(),
                        "message",
                        event.message(),
                        "detail",
                        event.detail()))
                .toList();
    }
}
