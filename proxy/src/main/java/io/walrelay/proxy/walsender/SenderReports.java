package io.walrelay.proxy.walsender;

import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.Xmins;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessage.HotStandbyFeedback;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
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
     * WAL up to {@code end}, the value of an LSN, may be sent from now on: from this moment on it counts how long the client
     * takes.
     */
    void available(long end) {
        if (lags.isNew(end)) {
            lags.record(end, clock.getAsLong());
        }
    }

    /** Takes a status update of a client that has been sent WAL up to {@code sent}. */
    void take(StatusUpdate report, Lsn sent) {
        StandbyPositions reported = new StandbyPositions(report.write(), report.flush(), report.apply());
        WalEnd end = wal.end();
        Lsn known = position.historic().map(SendPosition.Historic::switchPoint).orElseGet(end::written);
        confirmed = confirmed.and(reported, known, end);
        if (report.flush().isValid()) {
            slot.ifPresent(held -> held.advance(confirmed.positions().flush()));
        }
        idleReports = report.apply().equals(sent) ? Math.min(2, idleReports + 1) : 0;
        ReplicationLag lag = entry.lag().measured(lags, report, idleReports == 2, clock.getAsLong());
        entry.reported(reported, confirmed, lag, report.clientTime());
    }

    /** Takes a hot standby feedback: the slot holds it, if there is one, else the stream as long as it goes on. */
    void take(HotStandbyFeedback feedback) {
        Xmins needed = Xmins.of(feedback);
        slot.ifPresent(held -> held.feedback(needed));
        entry.feedback(slot.isPresent() ? Xmins.NONE : needed, feedback.clientTime());
    }

    /** What the client has of the WAL for sure, or, if it says nothing of that, what it has written. */
    Lsn replicated() {
        Lsn flushed = confirmed.positions().flush();
        return flushed.isValid() ? flushed : confirmed.positions().write();
    }
}
