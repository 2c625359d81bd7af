package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.config.RecoveryTargetTimeline;
import io.walrelay.proxy.config.Settings;
import io.walrelay.proxy.upstream.ReplicationConnection;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what there is to do on a connection that streams nothing, and does what can be done without a stream:
 * follows the upstream to its next timeline. On the upstream loop. What {@code WalReceiverMain} does between two
 * streams.
 */
final class IdleConnection {
    private static final Logger log = LoggerFactory.getLogger(IdleConnection.class);

    private final UpstreamServer upstream;
    private final WalStore wal;
    private final Configuration configuration;

    IdleConnection(ReplicationConnection connection, WalStore wal, Configuration configuration) {
        this.upstream = new UpstreamServer(connection);
        this.wal = wal;
        this.configuration = configuration;
    }

    /** What is to be done next. */
    sealed interface Next {
        /**
         * Ask for a stream of this timeline.
         *
         * @param from where the stream is to begin
         * @param end where the WAL here ends; what comes before is compared
         */
        record Stream(TimelineId timeline, Lsn from, Lsn end) implements Next {}

        /** Look again later: the upstream has nothing for us. */
        record Wait(String why) implements Next {}

        /** Look again later: there is no room for more. */
        record Halt(String why) implements Next {}
    }

    /** Fails with the reason why this upstream is of no use. */
    CompletableFuture<Next> next() {
        return upstream.identify()
                .thenCompose(identity -> upstream.history(identity.timeline())
                        .thenCompose(history -> take(
                                TimelineStep.decide(
                                        wal.end().history(), wal.end().written(), history),
                                identity)));
    }

    private CompletableFuture<Next> take(TimelineStep step, UpstreamIdentity identity) {
        return switch (step) {
            case TimelineStep.Stream stream -> stream(identity);
            case TimelineStep.SwitchTo to -> switchTo(to.next(), to.switchPoint());
            case TimelineStep.Refuse refuse -> CompletableFuture.failedFuture(refuse.reason());
        };
    }

    private CompletableFuture<Next> stream(UpstreamIdentity identity) {
        Optional<String> halt = haltReason();
        if (halt.isPresent()) {
            return CompletableFuture.completedFuture(new Next.Halt(halt.get()));
        }
        TimelineId timeline = wal.end().history().timeline();
        Lsn start = wal.end().written();
        if (identity.timeline().equals(timeline) && start.isAfter(identity.position())) {
            return behind("start position " + start + " on timeline " + timeline
                    + " is ahead of the upstream server's flush position " + identity.position());
        }
        return CompletableFuture.completedFuture(new Next.Stream(
                timeline, ReceivedAgain.from(start, wal.directory().segmentSize()), start));
    }

    private Optional<String> haltReason() {
        try {
            return wal.guard().refusal();
        } catch (IOException e) {
            return Optional.of("could not look at pg_wal: " + e.getMessage());
        }
    }

    /** A host that is behind us may catch up; where there are others, they are tried first. */
    private CompletableFuture<Next> behind(String why) {
        Optional<ConnectionInfo> info = configuration.get(Settings.PRIMARY_CONNINFO);
        boolean others = info.isPresent() && info.get().hosts().size() > 1;
        return others
                ? CompletableFuture.failedFuture(PgException.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, why))
                : wait(why);
    }

    private static CompletableFuture<Next> wait(String why) {
        return CompletableFuture.completedFuture(new Next.Wait(why));
    }

    private CompletableFuture<Next> switchTo(TimelineId next, Lsn switchPoint) {
        if (!mayFollow(next)) {
            return wait("timeline " + next + " of the upstream is not followed");
        }
        return upstream.history(next).thenCompose(history -> {
            TimelineId old = wal.end().history().timeline();
            Lsn end = wal.end().written();
            try {
                wal.switchTimeline(history);
            } catch (IOException e) {
                throw PgException.error(SqlState.IO_ERROR, String.valueOf(e.getMessage()))
                        .withCause(e);
            }
            log.info("new target timeline is {}, it begins where timeline {} ended, at {}", next, old, switchPoint);
            Lsn begin = wal.end().written();
            if (begin.isBefore(switchPoint)) {
                log.warn(
                        "WAL of timeline {} at {} has already been removed here; timeline {} is received from {} on",
                        old,
                        switchPoint,
                        next,
                        begin);
            }
            if (end.isAfter(switchPoint)) {
                log.warn(
                        "WAL of timeline {} from {} to {} is not part of timeline {}; it is kept in the files of"
                                + " timeline {} and no longer offered",
                        old,
                        switchPoint,
                        end,
                        next,
                        old);
            }
            return next();
        });
    }

    private boolean mayFollow(TimelineId next) {
        return switch (configuration.get(Settings.RECOVERY_TARGET_TIMELINE)) {
            case RecoveryTargetTimeline.Latest latest -> true;
            case RecoveryTargetTimeline.Current current -> false;
            case RecoveryTargetTimeline.Target target ->
                Long.compareUnsigned(Integer.toUnsignedLong(next.value()), target.timeline()) <= 0;
        };
    }
}
