package io.walrelay.proxy.walreceiver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.replication.PgTimestamp;
import io.walrelay.replication.copyboth.StandbyMessage;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.wire.message.FrontendMessage;
import java.time.Clock;
import java.util.function.Supplier;

/**
 * What is said to the upstream while it streams: status updates and hot standby feedback. On the upstream loop. Mirrors
 * {@code XLogWalRcvSendReply} and {@code XLogWalRcvSendHSFeedback}.
 */
final class StandbyReports {
    private final Channel channel;
    private final ReportedPositions positions;
    private final Supplier<StandbyXmins> xmins;
    private final Clock clock;

    private StandbyPositions reported = StandbyPositions.UNKNOWN;
    private long lastReport = System.nanoTime();
    private long lastFeedback = System.nanoTime();

    // A connection before this one may have left its xmin in the slot.
    private boolean upstreamHasXmin = true;

    StandbyReports(Channel channel, ReportedPositions positions, Supplier<StandbyXmins> xmins, Clock clock) {
        this.channel = channel;
        this.positions = positions;
        this.xmins = xmins;
        this.clock = clock;
    }

    /** The first words on a stream. */
    void begin() {
        report(false);
        sendFeedback();
    }

    /** Reports if a position has moved: the upstream's commits may wait for any of them. */
    void reportIfMoved() {
        StandbyPositions now = positions.now();
        if (now.write().isAfter(reported.write())
                || now.flush().isAfter(reported.flush())
                || now.apply().isAfter(reported.apply())) {
            report(now, false);
        }
    }

    void report(boolean replyRequested) {
        report(positions.now(), replyRequested);
    }

    private void report(StandbyPositions now, boolean replyRequested) {
        reported = now;
        lastReport = System.nanoTime();
        send(
                new StatusUpdate(now.write(), now.flush(), now.apply(), PgTimestamp.now(clock), replyRequested),
                StandbyMessageCodec.STATUS_UPDATE_LENGTH);
    }

    /**
     * Says again what was said {@code interval} ago.
     *
     * @param interval {@code wal_receiver_status_interval} in nanoseconds; 0 for never
     */
    void repeat(long now, long interval) {
        if (interval > 0 && now - lastReport >= interval) {
            report(false);
        }
        if (interval > 0 && now - lastFeedback >= interval) {
            sendFeedback();
        }
    }

    /** In how many nanoseconds {@link #repeat} is due. */
    long untilRepeat(long now, long interval) {
        return interval > 0 ? interval - Math.max(now - lastReport, now - lastFeedback) : Long.MAX_VALUE;
    }

    private void sendFeedback() {
        lastFeedback = System.nanoTime();
        StandbyXmins needed = xmins.get();
        if (needed.equals(StandbyXmins.NONE) && !upstreamHasXmin) {
            return;
        }
        send(needed.message(PgTimestamp.now(clock)), StandbyMessageCodec.HOT_STANDBY_FEEDBACK_LENGTH);
        upstreamHasXmin = !needed.equals(StandbyXmins.NONE);
    }

    private void send(StandbyMessage message, int length) {
        ByteBuf payload = channel.alloc().directBuffer(length);
        StandbyMessageCodec.write(payload, message);
        // Not the void promise: its failure would end the connection, with WAL that has come and is not read yet.
        // That the server has gone is seen behind that WAL, as in libpq.
        channel.writeAndFlush(new FrontendMessage.CopyData(payload));
    }
}
