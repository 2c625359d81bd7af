package io.walrelay.proxy.walreceiver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.upstream.UpstreamStream;
import io.walrelay.proxy.wal.SegmentReplacement;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgTimestamp;
import io.walrelay.replication.copyboth.CopyBothException;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.replication.copyboth.WalSenderMessage;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.FrontendMessage;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Receives one segment anew, up to its end. Nothing is reported as received, so that the upstream's slots and
 * synchronous commits take no notice of it. On the loop of the connection, whose thread it may block.
 */
final class SegmentStream implements UpstreamStream {
    private final Channel channel;
    private final SegmentReplacement segment;
    private final Clock clock;
    private final CompletableFuture<Void> complete = new CompletableFuture<>();
    private final ScheduledFuture<?> watch;
    private long lastMessage = System.nanoTime();

    /** @param timeout for how long the upstream may say nothing; none if it is not positive */
    SegmentStream(Channel channel, SegmentReplacement segment, Duration timeout, Clock clock) {
        this.channel = channel;
        this.segment = segment;
        this.clock = clock;
        long period = timeout.isPositive() ? timeout.toNanos() : Long.MAX_VALUE / 2;
        this.watch = channel.eventLoop()
                .scheduleWithFixedDelay(
                        () -> {
                            if (System.nanoTime() - lastMessage >= period) {
                                fail(PgException.error(
                                        SqlState.CONNECTION_FAILURE, "the upstream server does not answer"));
                            }
                        },
                        period,
                        period,
                        TimeUnit.NANOSECONDS);
        complete.whenComplete((done, failure) -> watch.cancel(false));
    }

    /** Complete when the segment is here to its end, or the stream has failed. */
    CompletableFuture<Void> complete() {
        return complete;
    }

    @Override
    public void data(ByteBuf payload) {
        lastMessage = System.nanoTime();
        try {
            if (complete.isDone() || !payload.isReadable()) {
                return;
            }
            switch (WalSenderMessageCodec.decode(payload)) {
                case WalSenderMessage.XLogData xLogData -> write(xLogData.start(), xLogData.data());
                case WalSenderMessage.PrimaryKeepalive keepalive -> {
                    if (keepalive.replyRequested()) {
                        reply();
                    }
                }
            }
        } catch (CopyBothException broken) {
            fail(PgException.protocolViolation(broken.message()));
        } catch (IOException e) {
            fail(PgException.error(
                            SqlState.IO_ERROR, "could not write WAL received from the upstream: " + e.getMessage())
                    .withCause(e));
        } finally {
            payload.release();
        }
    }

    private void write(Lsn start, ByteBuf wal) throws IOException {
        if (!start.equals(segment.received())) {
            fail(PgException.protocolViolation(
                    "upstream server sent WAL at " + start + ", expected it at " + segment.received()));
            return;
        }
        segment.write(wal);
        if (!segment.received().isBefore(segment.end())) {
            complete.complete(null);
        }
    }

    private void reply() {
        ByteBuf status = channel.alloc().directBuffer(StandbyMessageCodec.STATUS_UPDATE_LENGTH);
        StandbyMessageCodec.write(
                status, new StatusUpdate(Lsn.INVALID, Lsn.INVALID, Lsn.INVALID, PgTimestamp.now(clock), false));
        channel.writeAndFlush(new FrontendMessage.CopyData(status), channel.voidPromise());
    }

    @Override
    public void readComplete() {}

    @Override
    public void endOfTimeline() {
        fail(PgException.error(
                SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the timeline ends on the upstream server before the segment does, at " + segment.received()));
    }

    @Override
    public void endOfWal() {
        fail(PgException.error(SqlState.CONNECTION_FAILURE, "replication terminated by primary server"));
    }

    @Override
    public void failed(PgException reason) {
        fail(reason);
    }

    private void fail(PgException reason) {
        complete.completeExceptionally(reason);
    }
}
