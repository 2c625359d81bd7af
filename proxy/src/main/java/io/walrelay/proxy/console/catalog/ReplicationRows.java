package io.walrelay.proxy.console.catalog;

import static io.walrelay.proxy.console.catalog.Rows.row;

import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.ReceiverState;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.state.SenderState;
import io.walrelay.proxy.console.state.SlotState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Replication.
 *
 * @see <a href="https://www.postgresql.org/docs/current/monitoring-stats.html">The Cumulative Statistics System</a>
 */
final class ReplicationRows {
    private ReplicationRows() {}

    static List<Map<String, @Nullable Object>> senders(RelayState relay) {
        List<BackendState> backends = relay.backends();
        return relay.senders().stream()
                .map(sender -> sender(relay, sender, backend(backends, sender.pid())))
                .toList();
    }

    private static Optional<BackendState> backend(List<BackendState> backends, int pid) {
        return backends.stream().filter(backend -> backend.pid() == pid).findFirst();
    }

    private static Map<String, @Nullable Object> sender(
            RelayState relay, SenderState sender, Optional<BackendState> backend) {
        Optional<String> user = backend.flatMap(BackendState::user);
        return row(
                "pid",
                sender.pid(),
                "usesysid",
                user.map(name -> Roles.oid(relay.roles(), name)),
                "usename",
                user,
                "application_name",
                backend.map(BackendState::applicationName),
                "client_addr",
                backend.flatMap(BackendState::clientAddress),
                "client_port",
                backend.map(BackendState::clientPort),
                "backend_start",
                backend.map(BackendState::started),
                "backend_xmin",
                sender.backendXmin(),
                "state",
                sender.state(),
                "sent_lsn",
                sender.sent(),
                "write_lsn",
                sender.write(),
                "flush_lsn",
                sender.flush(),
                "replay_lsn",
                sender.replay(),
                "write_lag",
                sender.writeLag(),
                "flush_lag",
                sender.flushLag(),
                "replay_lag",
                sender.replayLag(),
                "sync_priority",
                sender.syncPriority(),
                "sync_state",
                sender.syncState(),
                "reply_time",
                sender.replyTime());
    }

    static List<Map<String, @Nullable Object>> receiver(RelayState relay) {
        return relay.receiver().map(ReplicationRows::receiver).stream().toList();
    }

    private static Map<String, @Nullable Object> receiver(ReceiverState receiver) {
        return row(
                "pid",
                // A relay's walreceiver is a thread; clients test for a row, and for this not being null.
                (int) ProcessHandle.current().pid(),
                "status",
                receiver.status(),
                "receive_start_lsn",
                receiver.receiveStart(),
                "receive_start_tli",
                receiver.receiveStartTimeline(),
                "received_lsn",
                receiver.flushed(),
                "written_lsn",
                receiver.written(),
                "flushed_lsn",
                receiver.flushed(),
                "received_tli",
                receiver.receivedTimeline(),
                "last_msg_send_time",
                receiver.messageSent(),
                "last_msg_receipt_time",
                receiver.messageReceived(),
                "latest_end_lsn",
                receiver.latestEnd(),
                "latest_end_time",
                receiver.latestEndTime(),
                "slot_name",
                receiver.slot(),
                "sender_host",
                receiver.host(),
                "sender_port",
                receiver.port(),
                "conninfo",
                receiver.conninfo());
    }

    static List<Map<String, @Nullable Object>> slots(RelayState relay) {
        return relay.slots().stream().map(ReplicationRows::slot).toList();
    }

    private static Map<String, @Nullable Object> slot(SlotState slot) {
        return row(
                "slot_name",
                slot.name(),
                "slot_type",
                "physical",
                "temporary",
                slot.temporary(),
                "active",
                slot.activePid() != 0,
                "active_pid",
                slot.activePid() == 0 ? null : slot.activePid(),
                "xmin",
                slot.xmin(),
                "catalog_xmin",
                slot.catalogXmin(),
                "restart_lsn",
                slot.restartLsn(),
                "wal_status",
                slot.walStatus(),
                "safe_wal_size",
                slot.safeWalBytes(),
                "two_phase",
                false,
                "inactive_since",
                slot.inactiveSince(),
                "invalidation_reason",
                slot.invalidation(),
                "failover",
                false,
                "synced",
                false);
    }
}
