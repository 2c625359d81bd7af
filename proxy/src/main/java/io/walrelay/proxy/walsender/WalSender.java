package io.walrelay.proxy.walsender;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.proxy.transport.ChannelTask;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgClock;
import io.walrelay.replication.copyboth.CopyBothException;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams WAL to one client after START_REPLICATION: pulls from the files as long as the socket takes more, and never
 * queues. On the client's event loop. Mirrors {@code WalSndLoop} of PostgreSQL's {@code walsender.c}.
 */
public final class WalSender {
    private static final Logger log = LoggerFactory.getLogger(WalSender.class);

    /** No answers are added to what a client does not read beyond this, in bytes. */
    static final long MAX_WAITING = 512 << 10;

    private static final long TICK = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORTEST_TICK = TimeUnit.MILLISECONDS.toNanos(1);

    private final Channel channel;
    private final WalStore wal;
    private final SenderWakeups wakeups;
    private final SendPosition position;
    private final Optional<ReplicationSlot> slot;
    private final SenderEntry entry;
    private final SenderReports reports;
    private final Supplier<Duration> timeout;
    private final PgClock clock;
    private final End end;
    private final WalOutput output;
    private final ChannelTask sending;
    private final ChannelTask tick;
    private final StandbyMessageCodec.Reader messages = new Messages();

    private final Lsn start;
    private final long startedAt = System.nanoTime();
    private WalSenderState state = new WalSenderState.Catchup();
    private long lastMessage = System.nanoTime();
    private boolean pinged;
    private ScheduledFuture<?> timer;

    /** What becomes of the stream. One of these is called, once, on the client's loop. */
    public interface End {
        /** Both sides have ended the COPY; {@code next} is there if a historic timeline was streamed. */
        void copyDone(Optional<SendPosition.Historic> next);

        /** The stream ended with an error that the client is told, and the session goes on. */
        void failed(PgException error);

        /** The session is to be ended: a FATAL error that the client is told. */
        void fatal(PgException error);

        /** The session is to be ended without a word to the client. */
        void closeSilently(String reason);

        /** The relay shuts down, and the client has everything. */
        void drained();
    }

    /**
     * A sender that has told nothing yet; {@link #begin} starts it.
     *
     * @param start of the stream, which {@code position} allows
     * @param slot acquired by the session, to be advanced as the client flushes
     * @param entry the session's place among the walsenders, where the stream is shown
     * @param timeout {@code wal_sender_timeout} of the session; zero for none
     */
    public WalSender(
            Channel channel,
            WalStore wal,
            SenderWakeups wakeups,
            SendPosition position,
            Lsn start,
            Optional<ReplicationSlot> slot,
            SenderEntry entry,
            Supplier<Duration> timeout,
            Clock clock,
            End end) {
        this.channel = channel;
        this.wal = wal;
        this.wakeups = wakeups;
        this.position = position;
        this.start = start;
        this.slot = slot;
        this.entry = entry;
        this.clock = new PgClock(clock, System::nanoTime);
        this.reports = new SenderReports(entry, wal, position, slot, this.clock);
        this.timeout = timeout;
        this.end = end;
        this.output = new WalOutput(
                channel, wal, wakeups.reads(channel.eventLoop()), position, start, entry, reports, this.clock);
        this.sending = new ChannelTask(channel, this::send);
        this.tick = new ChannelTask(channel, this::lookAtClock);
        this.timer = channel.eventLoop().schedule(() -> {}, 0, TimeUnit.NANOSECONDS);
    }

    /** Begins the COPY and sends what there is. */
    public void begin() {
        channel.write(new BackendMessage.CopyBothResponse(), channel.voidPromise());
        Lsn limit = position.limit();
        int segment = wal.directory().segmentSize().bytes();
        // Unsigned: a client may ask for any position, FFFFFFFF/FFFFFFFF included.
        if (start.isAfter(limit) && Long.compareUnsigned(start.minus(limit), segment) > 0) {
            fail(aheadOf(limit));
            return;
        }
        entry.begin(start, slot.map(ReplicationSlot::name));
        wakeups.add(channel.eventLoop(), this);
        tick.run();
        send();
    }

    private PgException aheadOf(Lsn limit) {
        return PgException.error(
                SqlState.INTERNAL_ERROR,
                "requested starting point " + start + " is ahead of the WAL flush position of this server " + limit);
    }

    /** What it is doing. */
    public WalSenderState state() {
        return state;
    }

    /** As PostgreSQL's process list shows it. */
    String title() {
        return entry.status(SyncStanding.ASYNC).title();
    }

    /** Up to where WAL has been sent; any thread. */
    public Lsn sent() {
        return output.sent();
    }

    private void transition(WalSenderState next, String reason) {
        if (log.isDebugEnabled()) {
            log.debug("walsender at {}: {} -> {}: {}", sent(), state, next, reason);
        }
        state = next;
        entry.state(next);
    }

    /** Sends as much as there is and as the socket takes. Called when either has become more. */
    public void send() {
        switch (state) {
            case WalSenderState.Catchup catchup -> pull();
            case WalSenderState.Streaming streaming -> pull();
            case WalSenderState.Stopping stopping -> pull();
            case WalSenderState.Paused paused -> {}
            case WalSenderState.AwaitingCopyDone awaiting -> {}
            case WalSenderState.Ended ended -> {}
        }
    }

    /** Sends as {@link #send} does, for who wakes many: a defect ends this session, and the others are woken. */
    void wakeUp() {
        sending.run();
    }

    private void pull() {
        long before = output.sentValue();
        if (position.isReplacedBefore(before)) {
            stop(() -> end.fatal(PgException.fatal(
                            SqlState.DATA_CORRUPTED,
                            "terminating walsender because WAL that it has sent was found to be invalid")
                    .withHint("Connect again: the WAL is being received anew from the upstream.")));
            return;
        }
        try {
            output.write();
            if (output.hasSentAll()) {
                caughtUp();
            }
        } catch (PgException error) {
            fail(error);
        }
        // Last, since a socket that takes it makes the channel writable, which comes back here.
        if (output.sentValue() != before) {
            channel.flush();
        }
    }

    private void caughtUp() {
        Optional<SendPosition.Historic> historic = position.historic();
        if (historic.isPresent() && !sent().isBefore(historic.get().switchPoint())) {
            transition(new WalSenderState.AwaitingCopyDone(historic.get().switchPoint()), "end of timeline");
            channel.writeAndFlush(new BackendMessage.CopyDone(), channel.voidPromise());
            return;
        }
        if (state instanceof WalSenderState.Catchup && !sent().isAfter(position.limit())) {
            transition(new WalSenderState.Streaming(), "caught up");
        } else if (state instanceof WalSenderState.Stopping) {
            endIfDrained();
        }
    }

    /** Takes what the client says; owns the payload of CopyData. */
    public void onMessage(FrontendMessage message) {
        switch (message) {
            case FrontendMessage.CopyData copyData -> {
                ByteBuf data = copyData.data();
                try {
                    onCopyData(data, data.readerIndex(), data.readableBytes());
                } finally {
                    data.release();
                }
            }
            case FrontendMessage.CopyDone done -> onCopyDone();
            case FrontendMessage.Terminate terminate -> stop(() -> end.closeSilently("the client has terminated"));
            case FrontendMessage.Unknown unknown -> unexpected(unknown.type());
            case FrontendMessage.CopyFail fail -> unexpected((byte) 'f');
            case FrontendMessage.Query query -> unexpected((byte) 'Q');
            case FrontendMessage.Sync sync -> unexpected((byte) 'S');
            case FrontendMessage.Flush flush -> unexpected((byte) 'H');
            case FrontendMessage.Extended extended -> unexpected(extended.type());
            case FrontendMessage.FunctionCall call -> unexpected((byte) 'F');
            case FrontendMessage.Password password -> unexpected((byte) 'p');
        }
    }

    private void unexpected(byte type) {
        stop(() -> end.fatal(
                PgException.protocolViolation("invalid standby message type \"" + (char) (type & 0xFF) + "\"")));
    }

    /**
     * Takes what the client says inside CopyData, where it lies: the buffer is not the sender's, nor are its indices.
     */
    public void onCopyData(ByteBuf received, int index, int length) {
        try {
            StandbyMessageCodec.read(received, index, length, messages);
        } catch (CopyBothException broken) {
            if (broken.reportedToPeer()) {
                fail(PgException.error(SqlState.of(broken.sqlState()), broken.message()));
            } else {
                stop(() -> end.closeSilently(broken.message()));
            }
        }
    }

    private final class Messages implements StandbyMessageCodec.Reader {
        @Override
        public void statusUpdate(long write, long flush, long apply, long clientTime, boolean replyRequested) {
            heard();
            reports.statusUpdate(write, flush, apply, clientTime, output.sentValue());
            if (replyRequested) {
                keepalive(false);
            }
            endIfDrained();
        }

        @Override
        public void hotStandbyFeedback(
                long clientTime, int xmin, int xminEpoch, int catalogXmin, int catalogXminEpoch) {
            heard();
            reports.feedback(clientTime, xmin, xminEpoch, catalogXmin, catalogXminEpoch);
        }
    }

    private void heard() {
        lastMessage = System.nanoTime();
        pinged = false;
    }

    private void onCopyDone() {
        heard();
        Optional<SendPosition.Historic> historic = position.historic();
        if (!(state instanceof WalSenderState.AwaitingCopyDone)) {
            channel.write(new BackendMessage.CopyDone(), channel.voidPromise());
        }
        stop(() -> end.copyDone(historic));
    }

    private void keepalive(boolean replyRequested) {
        if (channel.bytesBeforeWritable() > MAX_WAITING) {
            // It asks and does not read: what waits for it is answer enough.
            return;
        }
        ByteBuf payload = channel.alloc().directBuffer(WalSenderMessageCodec.KEEPALIVE_LENGTH);
        Lsn here = Lsn.min(sent(), position.limit());
        WalSenderMessageCodec.writeKeepalive(payload, here, clock.getAsLong(), replyRequested);
        channel.writeAndFlush(new BackendMessage.CopyData(payload), channel.voidPromise());
    }

    private void lookAtClock() {
        if (state instanceof WalSenderState.Ended) {
            return;
        }
        long limit = timeout.get().toNanos();
        long now = System.nanoTime();
        if (limit > 0) {
            if (now - lastMessage >= limit) {
                stop(() -> end.closeSilently("terminating walsender process due to replication timeout"));
                return;
            }
            if (sent().isAfter(position.limit()) && sent().equals(start) && now - startedAt >= limit) {
                fail(aheadOf(position.limit()));
                return;
            }
            if (!pinged && now - lastMessage >= limit / 2) {
                pinged = true;
                keepalive(true);
            }
        }
        // All senders of a loop at the same moments: one wake-up is for all of them.
        long next = TICK - Math.floorMod(now, TICK);
        if (limit > 0) {
            next = Math.min(next, (pinged ? limit : limit / 2) - (now - lastMessage));
        }
        timer = channel.eventLoop().schedule(tick, Math.max(next, SHORTEST_TICK), TimeUnit.NANOSECONDS);
    }

    /** The relay shuts down: sends what is left and waits until the client has it. */
    public void shutDown() {
        switch (state) {
            case WalSenderState.Catchup catchup -> beginStopping();
            case WalSenderState.Streaming streaming -> beginStopping();
            case WalSenderState.Paused paused -> beginStopping();
            case WalSenderState.AwaitingCopyDone awaiting -> stop(end::drained);
            case WalSenderState.Stopping stopping -> {}
            case WalSenderState.Ended ended -> {}
        }
    }

    /** Sends no more WAL until {@link #resume}; false if there is none to be sent, or it was told so before. */
    public boolean pause() {
        if (!(state instanceof WalSenderState.Catchup || state instanceof WalSenderState.Streaming)) {
            return false;
        }
        transition(new WalSenderState.Paused(), "told to pause");
        return true;
    }

    /** Goes on sending; false if it was not paused. */
    public boolean resume() {
        if (!(state instanceof WalSenderState.Paused)) {
            return false;
        }
        transition(new WalSenderState.Catchup(), "told to go on");
        send();
        return true;
    }

    private void beginStopping() {
        transition(new WalSenderState.Stopping(), "shutting down");
        send();
        endIfDrained();
    }

    private void endIfDrained() {
        if (!(state instanceof WalSenderState.Stopping)) {
            return;
        }
        if (!output.hasSentAll()) {
            return;
        }
        if (Long.compareUnsigned(reports.replicated(), output.sentValue()) >= 0) {
            stop(end::drained);
        } else if (!pinged) {
            pinged = true;
            keepalive(true);
        }
    }

    /** A CancelRequest: ends the stream, not the session. */
    public void cancel() {
        fail(PgException.error(SqlState.QUERY_CANCELED, "canceling statement due to user request"));
    }

    /** The connection is gone. */
    public void closed() {
        stop(() -> {});
    }

    /** The client sent what the decoder could not read. */
    public void broken(SilentCloseException reason) {
        stop(() -> end.closeSilently(reason.reason()));
    }

    private void fail(PgException error) {
        stop(() -> end.failed(error));
    }

    private void stop(Runnable then) {
        if (state instanceof WalSenderState.Ended) {
            return;
        }
        transition(new WalSenderState.Ended(), "ended");
        entry.end();
        timer.cancel(false);
        wakeups.remove(channel.eventLoop(), this);
        output.close();
        then.run();
    }
}
