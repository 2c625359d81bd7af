package io.walrelay.proxy.console.state;

import io.walrelay.replication.Lsn;
import java.util.List;
import java.util.Optional;

/**
 * The WAL that is here.
 *
 * @param systemIdentifier of the cluster, unsigned decimal
 * @param segmentBytes of a WAL file
 * @param timeline the newest
 * @param received the start of what was received of it
 * @param written the end of what is written
 * @param flushed the end of what is durable
 * @param applied the furthest position that a downstream has reported to have applied; empty where none does
 * @param history the ancestors of the timeline, oldest first, and where they were left
 */
public record WalState(
        String systemIdentifier,
        int segmentBytes,
        int timeline,
        Lsn received,
        Lsn written,
        Lsn flushed,
        Optional<Lsn> applied,
        List<Ancestor> history) {
    /** Copies the list. */
    public WalState {
        history = List.copyOf(history);
    }

    /** A timeline that was left at {@code switchPoint}. */
    public record Ancestor(int timeline, Lsn switchPoint, String reason) {}
}
