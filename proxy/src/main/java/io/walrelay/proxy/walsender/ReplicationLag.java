package io.walrelay.proxy.walsender;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The lag columns of {@code pg_stat_replication}: how long a client took to write, flush and replay WAL, from the moment
 * on at which it was here. Empty while nothing was measured, and again when a client that has everything has been idle.
 */
public record ReplicationLag(Optional<Duration> write, Optional<Duration> flush, Optional<Duration> replay) {
    static final ReplicationLag NONE = new ReplicationLag(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * With the measurements that a report brings ({@code ProcessStandbyReplyMessage}).
     *
     * @param idle whether the client has replayed all, and had already when it reported before
     * @param now in µs since 2000
     */
    ReplicationLag measured(LagTracker tracker, StatusUpdate report, boolean idle, long now) {
        return new ReplicationLag(
                measured(tracker, LagTracker.Head.WRITE, report.write(), idle, now, write),
                measured(tracker, LagTracker.Head.FLUSH, report.flush(), idle, now, flush),
                measured(tracker, LagTracker.Head.APPLY, report.apply(), idle, now, replay));
    }

    private static Optional<Duration> measured(
            LagTracker tracker, LagTracker.Head head, Lsn position, boolean idle, long now, Optional<Duration> before) {
        long lag = tracker.read(head, position, now);
        if (lag != LagTracker.NONE) {
            return Optional.of(Duration.of(lag, ChronoUnit.MICROS));
        }
        return idle ? Optional.empty() : before;
    }
}
