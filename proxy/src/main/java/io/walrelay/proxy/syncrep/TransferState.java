package io.walrelay.proxy.syncrep;

import io.walrelay.replication.Lsn;
import java.time.Instant;

/**
 * Whether the relay keeps to what its synchronous standbys have flushed.
 *
 * <pre>
 *   armed ──── replication_timeout, action wait ───► overdue
 *     │  ◄──── the standbys have caught up ────────────┤
 *     │                                                │ the action becomes async
 *     └─────── replication_timeout, action async ──► degraded
 *        ◄──── the standbys have caught up ────────────┘
 * </pre>
 */
public sealed interface TransferState {
    /** The standbys confirm in time, or there is nothing to confirm. */
    record Armed() implements TransferState {}

    /** They are late, and are waited for. */
    record Overdue(Instant since, Lsn position) implements TransferState {}

    /**
     * They were late, and are not waited for: the relay reports its own positions, and sends to everybody.
     *
     * @param position up to where they had flushed when it began
     */
    record Degraded(Instant since, Lsn position) implements TransferState {}

    /** The name that views show. */
    default String title() {
        return switch (this) {
            case Armed armed -> "armed";
            case Overdue overdue -> "overdue";
            case Degraded degraded -> "degraded";
        };
    }
}
