package io.walrelay.proxy.walsender;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The lag columns of {@code pg_stat_replication}: how long a client took to write, flush and replay WAL, from the
 * moment on at which it was here. Unknown while nothing was measured, and again when a client that has everything has
 * been idle.
 *
 * @param writeMicros in µs; -1 where it is unknown, as in each of them
 */
public record ReplicationLag(long writeMicros, long flushMicros, long replayMicros) {
    static final ReplicationLag NONE = new ReplicationLag(LagTracker.NONE, LagTracker.NONE, LagTracker.NONE);

    /** How long it took to write; empty where that is unknown. */
    public Optional<Duration> write() {
        return shown(writeMicros);
    }

    /** How long it took to flush; empty where that is unknown. */
    public Optional<Duration> flush() {
        return shown(flushMicros);
    }

    /** How long it took to replay; empty where that is unknown. */
    public Optional<Duration> replay() {
        return shown(replayMicros);
    }

    private static Optional<Duration> shown(long micros) {
        return micros == LagTracker.NONE ? Optional.empty() : Optional.of(Duration.of(micros, ChronoUnit.MICROS));
    }

    /**
     * With the measurements that a report brings ({@code ProcessStandbyReplyMessage}); this if they bring no other
     * ones. The positions that are reported are the values of LSNs.
     *
     * @param idle whether the client has replayed all, and had already when it reported before
     * @param now in µs since 2000
     */
    ReplicationLag measured(LagTracker tracker, long write, long flush, long apply, boolean idle, long now) {
        long writeNow = tracker.read(LagTracker.Head.WRITE, write, now);
        long flushNow = tracker.read(LagTracker.Head.FLUSH, flush, now);
        long replayNow = tracker.read(LagTracker.Head.APPLY, apply, now);
        return with(
                after(writeMicros, writeNow, idle),
                after(flushMicros, flushNow, idle),
                after(replayMicros, replayNow, idle));
    }

    private static long after(long before, long measured, boolean idle) {
        return measured == LagTracker.NONE && !idle ? before : measured;
    }

    private ReplicationLag with(long write, long flush, long replay) {
        return write == writeMicros && flush == flushMicros && replay == replayMicros
                ? this
                : new ReplicationLag(write, flush, replay);
    }
}
