package io.walrelay.proxy.walreceiver;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.wire.error.PgException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** The receiving end of a stream, without a socket: a simulated upstream feeds it, and takes its reports. */
public final class SimulatedStream {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final StreamReceiver receiver;
    private boolean over;
    private String reason = "";

    public SimulatedStream(WalStore store, Configuration configuration, Clock clock) {
        this.receiver = new StreamReceiver(
                channel,
                store,
                store.end().written(),
                StandbySource.OWN,
                () -> configuration,
                clock,
                new StreamReceiver.Outcome() {
                    @Override
                    public void continuesOurs() {}

                    @Override
                    public void endOfTimeline() {
                        over = true;
                    }

                    @Override
                    public void endOfWal() {
                        over = true;
                    }

                    @Override
                    public void failed(PgException why) {
                        over = true;
                        reason = why.message();
                    }
                });
        receiver.begin();
    }

    /** Sends one message of WAL. */
    public void wal(Lsn start, byte[] wal, int offset, int length) {
        ByteBuf message = Unpooled.buffer(WalSenderMessageCodec.XLOG_DATA_HEADER + length);
        WalSenderMessageCodec.writeXLogDataHeader(message, start, start.plus(length), 0);
        receiver.data(message.writeBytes(wal, offset, length));
    }

    /** Sends a keepalive, which tells of the upstream's end. */
    public void keepalive(Lsn walEnd, boolean replyRequested) {
        ByteBuf message = Unpooled.buffer(WalSenderMessageCodec.KEEPALIVE_LENGTH);
        WalSenderMessageCodec.writeKeepalive(message, walEnd, 0, replyRequested);
        receiver.data(message);
    }

    /** All that the socket had brought has been handed over. */
    public void readComplete() {
        receiver.readComplete();
    }

    /** A flush is over. */
    public void flushed() {
        receiver.reportIfMoved();
    }

    /** The upstream has nothing more on this timeline. */
    public void endOfTimeline() {
        receiver.endOfTimeline();
    }

    /** The connection is gone. */
    public void lose() {
        receiver.finish();
        over = true;
    }

    /** The relay shuts down, and all is flushed. */
    public void farewell() {
        receiver.farewell();
    }

    public boolean isOver() {
        return over;
    }

    /** Why it has failed; empty if it has not. */
    public String reason() {
        return reason;
    }

    /** What was reported since the last call. */
    public List<StatusUpdate> reports() {
        List<StatusUpdate> reports = new ArrayList<>();
        for (ByteBuf message = channel.readOutbound(); message != null; message = channel.readOutbound()) {
            // The type and the length.
            message.skipBytes(1 + Integer.BYTES);
            if (StandbyMessageCodec.decode(message) instanceof StatusUpdate update) {
                reports.add(update);
            }
            message.release();
        }
        return reports;
    }
}
