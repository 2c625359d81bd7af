package io.walrelay.replication.copyboth;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;

/** What a walsender says inside CopyData. */
public sealed interface WalSenderMessage {
    /**
     * WAL: {@code 'w', start:8, walEnd:8, sendTime:8, data...}.
     *
     * @param start position of the first byte of {@code data}
     * @param walEnd up to where the sender could send now; it says nothing about what was received
     * @param sendTime the sender's clock, µs since 2000
     * @param data a slice of the decoded buffer: it lives as long as that and is not to be released
     */
    record XLogData(Lsn start, Lsn walEnd, long sendTime, ByteBuf data) implements WalSenderMessage {
        /** Position behind the last byte of {@code data}. */
        public Lsn end() {
            return start.plus(data.readableBytes());
        }
    }

    /**
     * A sign of life: {@code 'k', walEnd:8, sendTime:8, replyRequested:1}.
     *
     * @param walEnd up to where WAL was sent; a walsender never says more than it sent on this connection
     * @param sendTime the sender's clock, µs since 2000
     * @param replyRequested whether a status update is wanted at once, lest the sender time out
     */
    record PrimaryKeepalive(Lsn walEnd, long sendTime, boolean replyRequested) implements WalSenderMessage {}
}
