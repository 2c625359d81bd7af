package io.walrelay.proxy.walsender;

import io.walrelay.proxy.slot.Xmins;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncStandbys;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgTimestamp;
import io.walrelay.wire.compression.CopyCompressor;
import java.time.Instant;
import java.util.Optional;

/**
 * The place of one session in the {@link SenderRegistry}, as PostgreSQL's {@code WalSnd} in shared memory. Changed on
 * the session's loop alone, read by any thread.
 */
public final class SenderEntry {
    private final SenderClient client;
    private final SenderRegistry registry;
    private volatile Progress progress = Progress.NONE;

    /**
     * The client's clock at its last message, in µs since 2000; as in PostgreSQL, 0 is no time. It goes on with each
     * message, most of which change nothing else: set after what the message says, and read before that.
     */
    private volatile long replyTime;

    private volatile long sent;
    private volatile Xmins xmins = Xmins.NONE;
    private volatile Optional<CopyCompressor> compressor = Optional.empty();

    /** Put on show by the sender whose state it is. */
    private volatile boolean paused;

    /**
     * What changes together: who decides or looks on another thread sees all of a report, or nothing of it.
     *
     * @param write as the client said it, as are flush and apply; the values of LSNs
     * @param confirmed what of it counts
     */
    private record Progress(
            ReplicationState state,
            long write,
            long flush,
            long apply,
            Confirmed confirmed,
            ReplicationLag lag,
            Optional<String> slot) {
        private static final Progress NONE = new Progress(
                ReplicationState.STARTUP, 0, 0, 0, Confirmed.NOTHING, ReplicationLag.NONE, Optional.empty());

        /** What was said stays, and what counts of it where the stream goes on. */
        private Progress with(ReplicationState next, Confirmed counting, Optional<String> slot) {
            return new Progress(next, write, flush, apply, counting, lag, slot);
        }

        /** What the client says now; this if it is nothing new. */
        private Progress said(
                long nextWrite, long nextFlush, long nextApply, Confirmed nextConfirmed, ReplicationLag nextLag) {
            boolean same = nextWrite == write
                    && nextFlush == flush
                    && nextApply == apply
                    && nextConfirmed.equals(confirmed)
                    && nextLag.equals(lag);
            return same ? this : new Progress(state, nextWrite, nextFlush, nextApply, nextConfirmed, nextLag, slot);
        }
    }

    SenderEntry(SenderClient client, SenderRegistry registry) {
        this.client = client;
        this.registry = registry;
    }

    /** Whose place this is. */
    public SenderClient client() {
        return client;
    }

    /** What the session sends in a COPY BOTH goes through {@code handler}. */
    public void compressedBy(CopyCompressor handler) {
        compressor = Optional.of(handler);
    }

    /** The session's state has changed, outside of a stream. */
    public void state(ReplicationState next) {
        Progress now = progress;
        if (now.state != next) {
            progress = now.with(next, now.confirmed, now.slot);
            registry.changed();
        }
    }

    /** The state of its stream has changed. */
    void state(WalSenderState next) {
        paused = next instanceof WalSenderState.Paused;
        state(next.shown());
    }

    /** A stream begins; nothing is known of it. What the client said before stays on show. */
    void begin(Lsn start, Optional<String> slot) {
        sent = start.value();
        xmins = Xmins.NONE;
        progress = progress.with(ReplicationState.CATCHUP, Confirmed.NOTHING, slot);
        registry.changed();
    }

    /** The stream is over, and what the client needed is needed no more. */
    void end() {
        xmins = Xmins.NONE;
        progress = progress.with(ReplicationState.STARTUP, Confirmed.NOTHING, Optional.empty());
        registry.changed();
    }

    /**
     * Up to where it may send, of WAL that is here up to {@code available}: a place where a message may end. Both are
     * the values of LSNs.
     */
    long limit(long available) {
        return registry.limit(this, available);
    }

    /** WAL up to {@code position}, the value of an LSN, has been given to the socket, behind what had been before. */
    void sent(long position) {
        registry.countSent(position - sent);
        sent = position;
    }

    /**
     * The client has reported; the positions are the values of LSNs. A report that says nothing new is a reason to
     * decide anew all the same: what else has changed since then counts at the latest when a client is heard of.
     */
    void reported(long write, long flush, long apply, Confirmed confirmed, ReplicationLag lag, long clientTime) {
        progress = progress.said(write, flush, apply, confirmed, lag);
        replyTime = clientTime;
        registry.changed();
    }

    /**
     * The client has said what its queries need.
     *
     * @param needed as long as the stream goes on; what a slot holds is not among it
     */
    void feedback(Xmins needed, long clientTime) {
        xmins = needed;
        replyTime = clientTime;
    }

    private static Optional<Instant> time(long micros) {
        return micros == 0 ? Optional.empty() : Optional.of(PgTimestamp.toInstant(micros));
    }

    /** What the client needs that no slot holds. */
    Xmins xmins() {
        return xmins;
    }

    ReplicationLag lag() {
        return progress.lag;
    }

    /** Says, as of one moment, how it stands among the standbys, now that the WAL is that of {@code end}. */
    void stands(SyncStandbys standbys, int place, WalEnd end) {
        Progress now = progress;
        Confirmed counting = now.confirmed.on(end);
        standbys.stands(place, now.state, counting.write(), counting.flush(), counting.apply());
    }

    /** What there is to see of it. */
    SenderStatus status(SyncStanding standing) {
        Optional<Instant> replied = time(replyTime);
        Progress now = progress;
        return new SenderStatus(
                client,
                now.state,
                new Lsn(sent),
                new StandbyPositions(new Lsn(now.write), new Lsn(now.flush), new Lsn(now.apply)),
                now.lag,
                standing,
                replied,
                now.slot,
                xmins.shown(),
                paused,
                compressor.map(CopyCompressor::figures));
    }
}
