package io.walrelay.proxy.walreceiver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.transport.ChannelTask;
import io.walrelay.proxy.upstream.UpstreamStream;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.wal.WalWriter;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgClock;
import io.walrelay.replication.copyboth.CopyBothException;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.replication.wal.WalFormatException;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives one stream: WAL into the writer, positions back to the upstream. On the upstream loop. Mirrors the main loop
 * of PostgreSQL's {@code walreceiver.c}.
 *
 * <p>What is reported is {@link ReportedPositions}' to say, when it is said {@link StandbyReports}'.
 */
final class StreamReceiver implements UpstreamStream {
    private static final Logger log = LoggerFactory.getLogger(StreamReceiver.class);

    /** A reload may shorten what is waited for, so the clock is looked at this often, in nanoseconds. */
    private static final long TICK = TimeUnit.SECONDS.toNanos(1);

    private static final long SHORTEST_TICK = TimeUnit.MILLISECONDS.toNanos(1);

    private final Channel channel;
    private final WalStore wal;
    private final WalWriter writer;
    private final Supplier<Configuration> configuration;
    private final Outcome outcome;

    private final StandbyReports reports;
    private final ReceivedAgain again;

    private final WalSenderMessageCodec.Reader messages = new Messages();

    /** Where the next byte from the upstream belongs: the value of an LSN, which changes with each message. */
    private long next;

    private final Hearing hearing;
    private final ChannelTask tick;

    private long lastMessage = System.nanoTime();
    private boolean pinged;
    private boolean over;
    private @Nullable ScheduledFuture<?> timer;

    /** What becomes of a stream. On the upstream loop; one of the ends is called, once. */
    interface Outcome {
        /** All that was sent a second time is what is here: from now on it is news. */
        void continuesOurs();

        void endOfTimeline();

        void endOfWal();

        void failed(PgException reason);
    }

    /** @param from where the stream was asked for: at the end of the WAL here, or before */
    StreamReceiver(
            Channel channel,
            WalStore wal,
            Lsn from,
            StandbySource source,
            Supplier<Configuration> configuration,
            Clock clock,
            Outcome outcome) {
        this.channel = channel;
        this.wal = wal;
        this.writer = wal.writer();
        this.configuration = configuration;
        PgClock time = new PgClock(clock, System::nanoTime);
        this.hearing = new Hearing(time);
        this.tick = new ChannelTask(channel, this::lookAtClock);
        this.outcome = outcome;
        this.again = new ReceivedAgain(wal);
        this.next = from.value();
        ReportedPositions held = source.positions().apply(wal);
        this.reports = new StandbyReports(channel, held.once(this::isOurs), source.xmins(), time);
    }

    /** What the upstream has said of itself; for any thread. */
    Heard heard() {
        return hearing.heard();
    }

    /** The upstream has begun the stream: from now on it hears from us, and we expect to hear from it. */
    void begin() {
        lastMessage = System.nanoTime();
        reports.begin();
        if (isOurs()) {
            outcome.continuesOurs();
        }
        tick.run();
    }

    @Override
    public void data(ByteBuf payload) {
        try {
            data(payload, payload.readerIndex(), payload.readableBytes());
        } finally {
            payload.release();
        }
    }

    @Override
    public void data(ByteBuf received, int index, int length) {
        lastMessage = System.nanoTime();
        pinged = false;
        if (over || length == 0) {
            // libpq drops an empty CopyData.
            return;
        }
        try {
            WalSenderMessageCodec.read(received, index, length, messages);
        } catch (CopyBothException broken) {
            fail(PgException.protocolViolation(broken.message()));
        }
    }

    private final class Messages implements WalSenderMessageCodec.Reader {
        @Override
        public void xLogData(long start, long end, long time, ByteBuf in, int index, int length) {
            hearing.message(end, time);
            receive(start, in, index, length);
        }

        @Override
        public void keepalive(long end, long time, boolean replyRequested) {
            hearing.message(end, time);
            if (replyRequested) {
                reports.report(false);
            }
        }
    }

    private void receive(long start, ByteBuf in, int index, int length) {
        try {
            write(start, in, index, length);
        } catch (WalFormatException invalid) {
            fail(PgException.error(
                            SqlState.DATA_CORRUPTED, "invalid WAL received from upstream server: " + invalid.message())
                    .withDetail("It was not acknowledged, and is requested again from the last valid record on."));
            refetch();
        } catch (PgException diverged) {
            fail(diverged);
        } catch (IOException e) {
            failToWrite(e);
        }
    }

    private void write(long start, ByteBuf in, int index, int length) throws IOException {
        if (start != next) {
            // A walreceiver writes wherever it is told to; a gap would surface only when somebody replays it.
            fail(PgException.protocolViolation(
                    "upstream server sent WAL at " + new Lsn(start) + ", expected it at " + new Lsn(next)));
            return;
        }
        int known = 0;
        if (!isOurs()) {
            known = (int) Math.min(writer.receivedValue() - next, length);
            again.compare(new Lsn(next), in.slice(index, known));
            next += known;
            if (isOurs()) {
                outcome.continuesOurs();
            }
        }
        if (known < length) {
            next += length - known;
            writer.append(in, index + known, length - known);
        }
    }

    /** Whether the upstream has shown that it has the WAL that is here: before, nothing is acknowledged to it. */
    private boolean isOurs() {
        return Long.compareUnsigned(next, writer.receivedValue()) >= 0;
    }

    private void refetch() {
        try {
            wal.refetch();
        } catch (IOException e) {
            log.error("could not take back invalid WAL: {}", e.getMessage());
        }
    }

    @Override
    public void readComplete() {
        hearing.announce();
        if (over) {
            return;
        }
        try {
            writer.writeOut();
            reportIfMoved();
        } catch (IOException e) {
            failToWrite(e);
        }
    }

    /** What has come is requested again, from where the file ends. */
    private void failToWrite(IOException e) {
        writer.abandon();
        fail(PgException.error(SqlState.IO_ERROR, "could not write WAL received from the upstream: " + e.getMessage())
                .withCause(e));
    }

    /** Reports if a position has moved: the upstream's commits may wait for any of them. */
    void reportIfMoved() {
        if (!over) {
            reports.reportIfMoved();
        }
    }

    private ScheduledFuture<?> tickIn(long nanos) {
        return channel.eventLoop().schedule(tick, nanos, TimeUnit.NANOSECONDS);
    }

    private void lookAtClock() {
        if (over) {
            return;
        }
        long now = System.nanoTime();
        Configuration current = configuration.get();
        long timeout = current.get(Settings.WAL_RECEIVER_TIMEOUT).toNanos();
        long interval = current.get(Settings.WAL_RECEIVER_STATUS_INTERVAL).toNanos();
        if (timeout > 0 && now - lastMessage >= timeout) {
            fail(PgException.error(SqlState.CONNECTION_FAILURE, "terminating walreceiver due to timeout"));
            return;
        }
        if (timeout > 0 && !pinged && now - lastMessage >= timeout / 2) {
            pinged = true;
            reports.report(true);
        }
        reports.repeat(now, interval);
        long next = Math.min(TICK, reports.untilRepeat(now, interval));
        if (timeout > 0) {
            next = Math.min(next, (pinged ? timeout : timeout / 2) - (now - lastMessage));
        }
        timer = tickIn(Math.max(next, SHORTEST_TICK));
    }

    @Override
    public void endOfTimeline() {
        if (finish()) {
            outcome.endOfTimeline();
        }
    }

    @Override
    public void endOfWal() {
        if (finish()) {
            outcome.endOfWal();
        }
    }

    @Override
    public void failed(PgException reason) {
        fail(reason);
    }

    private void fail(PgException reason) {
        if (finish()) {
            outcome.failed(reason);
        }
    }

    /** Writes what came, tells the upstream a last time, and takes nothing more. */
    boolean finish() {
        if (over) {
            return false;
        }
        over = true;
        ScheduledFuture<?> pending = timer;
        if (pending != null) {
            pending.cancel(false);
        }
        try {
            writer.writeOut();
        } catch (IOException e) {
            log.error("could not write WAL received from the upstream: {}", e.getMessage());
        }
        writer.abandon();
        return true;
    }

    /** Whether all is flushed that was written. */
    boolean hasFlushed() {
        return !wal.end().flushed().isBefore(wal.end().written());
    }

    /** The last word on a stream that is stopped from this side, when all is flushed. */
    void farewell() {
        reports.report(false);
    }
}
