package io.walrelay.proxy.walsender;

import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.replication.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * What counts of the positions that a client has reported in one stream: they never go back, and never beyond the WAL
 * that was here when it reported. A client may claim anything; walreceivers claim more than they were sent after they
 * have connected again. The positions are the values of LSNs, 0 for what is not known.
 *
 * @param of the WAL that was spoken of; null before the first report
 */
record Confirmed(
        long write, long flush, long apply, @Nullable WalEnd of) {
    static final Confirmed NOTHING = new Confirmed(0, 0, 0, null);

    /** Of all WAL that there can be. */
    private static final long NO_LIMIT = -1L;

    /**
     * With one more report; this if it moves nothing.
     *
     * @param limit the end of the WAL that can be spoken of, at most that of {@code now}
     */
    Confirmed and(long reportedWrite, long reportedFlush, long reportedApply, long limit, WalEnd now) {
        long still = common(now);
        long nextWrite = Lsn.max(Lsn.min(write, still), Lsn.min(reportedWrite, limit));
        long nextFlush = Lsn.max(Lsn.min(flush, still), Lsn.min(reportedFlush, limit));
        long nextApply = Lsn.max(Lsn.min(apply, still), Lsn.min(reportedApply, limit));
        return nextWrite == write && nextFlush == flush && nextApply == apply && now == of
                ? this
                : new Confirmed(nextWrite, nextFlush, nextApply, now);
    }

    /**
     * What counts if the WAL is that of {@code end} now: what was replaced, or is on an abandoned branch, does not;
     * this if all of it does.
     */
    Confirmed on(WalEnd end) {
        long still = common(end);
        boolean all =
                Lsn.min(write, still) == write && Lsn.min(flush, still) == flush && Lsn.min(apply, still) == apply;
        return all ? this : new Confirmed(Lsn.min(write, still), Lsn.min(flush, still), Lsn.min(apply, still), end);
    }

    /**
     * Up to where that is the WAL that was spoken of: a timeline up to its switch point, one that was received anew up
     * to there.
     */
    private long common(WalEnd later) {
        WalEnd earlier = of;
        if (earlier == null || earlier == later) {
            return NO_LIMIT;
        }
        return later.history()
                .switchPoint(earlier.history().timeline())
                .map(left -> Lsn.min(left, later.base()))
                .orElse(later.base())
                .value();
    }
}
