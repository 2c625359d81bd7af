package io.walrelay.proxy.metrics;

import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.DiskState;
import io.walrelay.proxy.console.state.ReceiverState;
import io.walrelay.proxy.console.state.SenderState;
import io.walrelay.proxy.console.state.SlotState;
import io.walrelay.proxy.console.state.WalState;
import io.walrelay.replication.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The relay at one moment, in the words of the views.
 *
 * @param version of the program
 * @param started when it was started
 * @param wal empty until an upstream has said whose WAL it is
 * @param receiver empty while there is no connection to the upstream
 * @param backends the sessions, where those of {@code senders} are found by their pid
 * @param synchronous empty until there is WAL
 * @param receivedBytes how much WAL has been received and written since the start
 * @param sentBytes how much has been sent, to all clients together
 */
public record Figures(
        String version,
        Instant started,
        Optional<WalState> wal,
        Optional<ReceiverState> receiver,
        List<SenderState> senders,
        List<BackendState> backends,
        List<SlotState> slots,
        Optional<DiskState> disk,
        Optional<Synchronous> synchronous,
        long receivedBytes,
        long sentBytes) {
    /** Copies the lists. */
    public Figures {
        senders = List.copyOf(senders);
        backends = List.copyOf(backends);
        slots = List.copyOf(slots);
    }

    /**
     * Synchronous replication through the relay; positions that are not known are 0/0.
     *
     * @param state {@code armed}, {@code overdue} or {@code degraded}
     * @param degradations how often it has become degraded since the start
     * @param confirmedFlush up to where the synchronous standbys have flushed
     * @param reportedWrite what the upstream was told last, as the two below
     */
    public record Synchronous(
            String state,
            long degradations,
            Lsn confirmedFlush,
            Lsn reportedWrite,
            Lsn reportedFlush,
            Lsn reportedApply) {}
}
