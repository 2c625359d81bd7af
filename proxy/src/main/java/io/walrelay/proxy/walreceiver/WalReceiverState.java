package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.util.Optional;

/**
 * What the walreceiver is doing; the names are PostgreSQL's ({@code WalRcvState}).
 *
 * <pre>
 *            ┌──────────── failure, end of WAL ─────────────┐
 *            ▼                                              │
 *   stopped ───► starting ───► streaming ───► waiting ───► restarting ──┐
 *      ▲                           ▲        end of timeline             │
 *      └── stopping ◄── (any)      └────────────────────────────────────┘
 * </pre>
 */
public sealed interface WalReceiverState {
    /** No connection; the next attempt is due, or there is nothing to connect to. */
    record Stopped() implements WalReceiverState {}

    /** Connecting, logging in, finding out where to begin. */
    record Starting() implements WalReceiverState {}

    /** WAL of this timeline is coming, from {@code start} on. */
    record Streaming(ReplicationConnection connection, StreamReceiver receiver, TimelineId timeline, Lsn start)
            implements WalReceiverState {}

    /** Connected, but the upstream has nothing for us: it is behind, or its next timeline is not to be followed. */
    record Waiting(ReplicationConnection connection) implements WalReceiverState {}

    /** Connected, finding out where to go on: the upstream has ended a timeline, or may have caught up. */
    record Restarting(ReplicationConnection connection) implements WalReceiverState {}

    /** Told to stop; stays so. */
    record Stopping() implements WalReceiverState {}

    /** The connection to the upstream, once it has let us in. */
    default Optional<ReplicationConnection> connected() {
        return switch (this) {
            case Streaming streaming -> Optional.of(streaming.connection());
            case Waiting waiting -> Optional.of(waiting.connection());
            case Restarting restarting -> Optional.of(restarting.connection());
            case Stopped stopped -> Optional.empty();
            case Starting starting -> Optional.empty();
            case Stopping stopping -> Optional.empty();
        };
    }

    /** The name that PostgreSQL shows. */
    default String title() {
        return switch (this) {
            case Stopped stopped -> "stopped";
            case Starting starting -> "starting";
            case Streaming streaming -> "streaming";
            case Waiting waiting -> "waiting";
            case Restarting restarting -> "restarting";
            case Stopping stopping -> "stopping";
        };
    }
}
