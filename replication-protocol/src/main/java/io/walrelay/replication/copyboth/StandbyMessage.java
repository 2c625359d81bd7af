package io.walrelay.replication.copyboth;

import io.walrelay.replication.Lsn;

/** What a standby, or another receiver of WAL, says inside CopyData. */
public sealed interface StandbyMessage {
    /**
     * How far it got: {@code 'r', write:8, flush:8, apply:8, clientTime:8, replyRequested:1}. Each position is that of
     * the last byte plus one, or {@code 0/0} for "unknown"; write may well be behind flush, and each may go back.
     *
     * @param clientTime the receiver's clock, µs since 2000; never to be relied on
     * @param replyRequested whether a keepalive is wanted at once
     */
    record StatusUpdate(Lsn write, Lsn flush, Lsn apply, long clientTime, boolean replyRequested)
            implements StandbyMessage {}

    /**
     * What its queries still need: {@code 'h', clientTime:8, xmin:4, xminEpoch:4, catalogXmin:4, catalogXminEpoch:4}. A
     * transaction ID of 0 means "nothing"; all are unsigned.
     *
     * @param clientTime the receiver's clock, µs since 2000; never to be relied on
     */
    record HotStandbyFeedback(long clientTime, int xmin, int xminEpoch, int catalogXmin, int catalogXminEpoch)
            implements StandbyMessage {}
}
