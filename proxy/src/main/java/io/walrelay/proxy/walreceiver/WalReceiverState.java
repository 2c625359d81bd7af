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
 *
 *   streaming ──► pausing ──► paused ◄── (any but stopping)      restarting ◄── paused ──► stopped
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

    /** Told to pause: what came is being flushed, and the upstream told so; then the stream is ended. */
    record Pausing(ReplicationConnection connection, StreamReceiver receiver) implements WalReceiverState {}

    /**
     * Receives nothing until it is told to go on. The connection is kept where there was one that did nothing else: to
     * the upstream it is one that may ask for a stream at any time, which holds neither its commits nor its shutdown
     * up, is not timed out, and keeps a temporary slot.
     */
    record Paused(Optional<ReplicationConnection> connection) implements WalReceiverState {}

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
            case Pausing pausing -> Optional.of(pausing.connection());
            // The upstream may have closed it meanwhile: nobody looks before it is used again.
            case Paused paused -> paused.connection().filter(ReplicationConnection::isOpen);
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
            case Pausing pausing -> "pausing";
            case Paused paused -> "paused";
            case Stopping stopping -> "stopping";
        };
    }
}
