package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.TransferState;
import io.walrelay.replication.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Synchronous replication through the relay at one moment, for views.
 *
 * @param confirmed what the synchronous standbys have reached together
 * @param reported what the upstream was told last
 * @param limit up to where the other downstreams may be sent WAL; empty where nothing holds them
 * @param degradations how often the relay has gone on alone since it was started
 * @param events the last ones, oldest first
 */
public record SyncStatus(
        SyncRules rules,
        TransferState state,
        StandbyPositions confirmed,
        StandbyPositions reported,
        Optional<Lsn> limit,
        long degradations,
        List<Event> events) {
    public SyncStatus {
        events = List.copyOf(events);
    }

    /**
     * A change of the state.
     *
     * @param state armed, overdue or degraded from then on
     * @param position up to where the synchronous standbys had flushed
     */
    public record Event(Instant time, String state, Lsn position, String message) {}
}
