package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.replication.Lsn;

/**
 * What a walsender is doing; the names are PostgreSQL's ({@code WalSndState}), and what it has beyond them is the two
 * halves of a COPY's end.
 *
 * <pre>
 *   catchup ───► streaming ◄──► stopping (shutdown: until the client has flushed all)
 *      │              │
 *      └──────┬───────┘  end of a historic timeline         client's CopyDone
 *             ├────────► awaiting CopyDone ───────────┐           │
 *             └───────────────────────────────────────┴───► ended ◄
 *
 *   catchup, streaming ──► paused ──► catchup, stopping, ended
 * </pre>
 */
public sealed interface WalSenderState {
    /** Behind; sends as fast as the client takes it. */
    record Catchup() implements WalSenderState {}

    /** Has sent all there is. */
    record Streaming() implements WalSenderState {}

    /** The relay shuts down: all is to be sent, and flushed by the client, before the connection is closed. */
    record Stopping() implements WalSenderState {}

    /** Has sent a historic timeline to its end {@code switchPoint}, and CopyDone; the client has not answered yet. */
    record AwaitingCopyDone(Lsn switchPoint) implements WalSenderState {}

    /** Is sent nothing until somebody says so, but keepalives; it is behind, and shown so. */
    record Paused() implements WalSenderState {}

    /** Streams no more. */
    record Ended() implements WalSenderState {}

    /** What PostgreSQL shows of it in pg_stat_replication. */
    default ReplicationState shown() {
        return switch (this) {
            case Catchup catchup -> ReplicationState.CATCHUP;
            case Streaming streaming -> ReplicationState.STREAMING;
            case Stopping stopping -> ReplicationState.STOPPING;
            case AwaitingCopyDone awaiting -> ReplicationState.STREAMING;
            // So that nobody counts on it as on a synchronous standby.
            case Paused paused -> ReplicationState.CATCHUP;
            case Ended ended -> ReplicationState.STARTUP;
        };
    }
}
