package io.walrelay.proxy.walsender;

import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.Xmins;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What the client of one stream reports: moves its slot, measures its lag, and is put on show. On the sender's loop.
 * Mirrors {@code ProcessStandbyReplyMessage} and {@code ProcessStandbyHSFeedbackMessage} of PostgreSQL's
 * {@code walsender.c}.
 */
final class SenderReports {
    private final SenderEntry entry;
    private final WalStore wal;
    private final SendPosition position;
    private final Optional<ReplicationSlot> slot;
    private final LongSupplier clock;
    private final LagTracker lags = new LagTracker();
    private Confirmed confirmed = Confirmed.NOTHING;
    private Xmins needed = Xmins.NONE;

    /** How often in a row the client has reported to have replayed everything, up to 2. */
    private int idleReports;

    /** @param clock the time in µs since 2000 */
    SenderReports(
            SenderEntry entry,
            WalStore wal,
            SendPosition position,
            Optional<ReplicationSlot> slot,
            LongSupplier clock) {
        this.entry = entry;
        this.wal = wal;
        this.position = position;
        this.slot = slot;
        this.clock = clock;
    }

    /**
     * WAL up to {@code end}, the value of an LSN, may be sent from now on: from this moment on it counts how long the
     * client takes.
     */
    void available(long end) {
        if (lags.isNew(end)) {
            lags.record(end, clock.getAsLong());
        }
    }

    /**
     * Takes a status update of a client that has been sent WAL up to {@code sent}; the positions are the values of
     * LSNs.
     */
    void statusUpdate(long write, long flush, long apply, long clientTime, long sent) {
        WalEnd end = wal.end();
        confirmed = confirmed.and(write, flush, apply, known(end), end);
        if (flush != 0 && slot.isPresent()) {
            slot.get().advance(confirmed.flush());
        }
        idleReports = apply == sent ? Math.min(2, idleReports + 1) : 0;
        ReplicationLag lag = entry.lag().measured(lags, write, flush, apply, idleReports == 2, clock.getAsLong());
        entry.reported(write, flush, apply, confirmed, lag, clientTime);
    }

    /** Up to where the client can speak of WAL that is here. */
    private long known(WalEnd end) {
        Optional<SendPosition.Historic> left = position.historic();
        return left.isPresent() ? left.get().switchPoint().value() : end.writtenValue();
    }

    /**
     * Takes a hot standby feedback, whose parts are as they were sent: the slot holds it, if there is one, else the
     * stream as long as it goes on.
     */
    void feedback(long clientTime, int xmin, int xminEpoch, int catalogXmin, int catalogXminEpoch) {
        needed = needed.said(xmin, xminEpoch, catalogXmin, catalogXminEpoch);
        if (slot.isPresent()) {
            slot.get().feedback(needed);
        }
        entry.feedback(slot.isPresent() ? Xmins.NONE : needed, clientTime);
    }

    /**
     * What the client has of the WAL for sure, or, if it says nothing of that, what it has written: the value of an
     * LSN.
     */
    long replicated() {
        return confirmed.flush() != 0 ? confirmed.flush() : confirmed.write();
    }
}
