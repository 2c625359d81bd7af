package io.walrelay.proxy.walreceiver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is said to the upstream while it streams: status updates and hot standby feedback. On the upstream loop. Mirrors
 * {@code XLogWalRcvSendReply} and {@code XLogWalRcvSendHSFeedback}.
 */
public final class StandbyReports {
    private final Channel channel;
    private final ReportedPositions positions;
    private final Supplier<StandbyXmins> xmins;
    private final LongSupplier clock;
    private final ChannelPromise unheeded;

    private final StandbyPositions.Reader ifMoved = this::reportIfMoved;
    private final StandbyPositions.Reader told = (write, flush, apply) -> report(write, flush, apply, false);
    private final StandbyPositions.Reader asked = (write, flush, apply) -> report(write, flush, apply, true);

    // What was reported last, as values of LSNs.
    private long write;
    private long flush;
    private long apply;

    private long lastReport = System.nanoTime();
    private long lastFeedback = System.nanoTime();

    // A connection before this one may have left its xmin in the slot.
    private boolean upstreamHasXmin = true;

    /**
     * Nothing has been reported yet.
     *
     * @param clock the time in µs since 2000
     */
    public StandbyReports(
            Channel channel, ReportedPositions positions, Supplier<StandbyXmins> xmins, LongSupplier clock) {
        this.channel = channel;
        this.positions = positions;
        this.xmins = xmins;
        this.clock = clock;
        // Not the channel's own: a failure would end the connection, with WAL that has come and is not read yet.
        // That the server has gone is seen behind that WAL, as in libpq.
        this.unheeded = new VoidChannelPromise(channel, false);
    }

    /** The first words on a stream. */
    void begin() {
        report(false);
        sendFeedback();
    }

    /** Reports if a position has moved: the upstream's commits may wait for any of them. */
    public void reportIfMoved() {
        positions.tell(ifMoved);
    }

    private void reportIfMoved(long write, long flush, long apply) {
        if (Long.compareUnsigned(write, this.write) > 0
                || Long.compareUnsigned(flush, this.flush) > 0
                || Long.compareUnsigned(apply, this.apply) > 0) {
            report(write, flush, apply, false);
        }
    }

    void report(boolean replyRequested) {
        positions.tell(replyRequested ? asked : told);
    }

    private void report(long write, long flush, long apply, boolean replyRequested) {
        this.write = write;
        this.flush = flush;
        this.apply = apply;
        lastReport = System.nanoTime();
        ByteBuf message = copyData(StandbyMessageCodec.STATUS_UPDATE_LENGTH);
        StandbyMessageCodec.writeStatusUpdate(message, write, flush, apply, clock.getAsLong(), replyRequested);
        channel.writeAndFlush(message, unheeded);
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
        ByteBuf message = copyData(StandbyMessageCodec.HOT_STANDBY_FEEDBACK_LENGTH);
        StandbyMessageCodec.write(message, needed.message(clock.getAsLong()));
        channel.writeAndFlush(message, unheeded);
        upstreamHasXmin = !needed.equals(StandbyXmins.NONE);
    }

    /** A message that is written as it is, without an object for it: {@code 'd', length}, and room for the payload. */
    private ByteBuf copyData(int payload) {
        return channel.alloc()
                .directBuffer(1 + Integer.BYTES + payload)
                .writeByte('d')
                .writeInt(Integer.BYTES + payload);
    }
}
