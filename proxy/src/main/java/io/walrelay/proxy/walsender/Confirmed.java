package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.replication.Lsn;
import org.jspecify.annotations.Nullable;

/**
 * What counts of the positions that a client has reported in one stream: they never go back, and never beyond the WAL
 * that was here when it reported. A client may claim anything; walreceivers claim more than they were sent after they
 * have connected again.
 *
 * @param of the WAL that was spoken of; null before the first report
 */
record Confirmed(StandbyPositions positions, @Nullable WalEnd of) {
    static final Confirmed NOTHING = new Confirmed(StandbyPositions.UNKNOWN, null);

    /**
     * With one more report.
     *
     * @param limit the end of the WAL that can be spoken of, at most that of {@code now}
     */
    Confirmed and(StandbyPositions reported, Lsn limit, WalEnd now) {
        return new Confirmed(on(now).max(reported.min(limit)), now);
    }

    /** What counts if the WAL is that of {@code end} now: what was replaced, or is on an abandoned branch, does not. */
    StandbyPositions on(WalEnd end) {
        return end == of || of == null ? positions : positions.min(common(of, end));
    }

    /** Up to where two are the same WAL: a timeline up to its switch point, one that was received anew up to there. */
    private static Lsn common(WalEnd earlier, WalEnd later) {
        return later.history()
                .switchPoint(earlier.history().timeline())
                .map(left -> Lsn.min(left, later.base()))
                .orElse(later.base());
    }
}
