package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncMethod;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.TransferState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens in synchronous replication, said in the log and kept for views: who becomes synchronous, in PostgreSQL's
 * words, and when the relay goes on without them.
 */
final class SyncEvents {
    private static final Logger log = LoggerFactory.getLogger(SyncReplication.class);
    private static final int KEPT = 100;

    private final Deque<SyncStatus.Event> recent = new ArrayDeque<>();
    private long degradations;

    /** Says who counts that did not before. */
    void standings(SyncRules rules, SyncMembers before, SyncMembers now) {
        now.standings().forEach((entry, standing) -> {
            boolean counted = before.standing(entry).state().counts();
            if (standing.state().counts() && !counted) {
                SyncMethod method = rules.names().orElseThrow().method();
                String name = entry.client().applicationName();
                switch (method) {
                    case PRIORITY ->
                        log.info(
                                "standby \"{}\" is now a synchronous standby with priority {}",
                                name,
                                standing.priority());
                    case QUORUM -> log.info("standby \"{}\" is now a candidate for quorum synchronous standby", name);
                }
            }
        });
    }

    /** Says that the relay waits, or does not wait any more. */
    void transfer(SyncRules rules, TransferState before, TransferState now, StandbyPositions confirmed, Instant time) {
        String message = switch (now) {
            case TransferState.Overdue overdue ->
                "the synchronous standbys have not flushed WAL behind " + confirmed.flush() + " within "
                        + rules.timeout().toMillis() + " ms, waiting for them";
            case TransferState.Degraded degraded ->
                "the synchronous standbys have not flushed WAL behind " + confirmed.flush() + " within "
                        + rules.timeout().toMillis() + " ms, replication is asynchronous now";
            case TransferState.Armed armed ->
                before instanceof TransferState.Degraded
                        ? "replication is synchronous again from " + confirmed.flush() + " on"
                        : "the synchronous standbys are no longer late at " + confirmed.flush();
        };
        switch (now) {
            case TransferState.Overdue overdue -> log.warn("{}", message);
            case TransferState.Degraded degraded -> log.warn("{}", message);
            case TransferState.Armed armed -> log.warn("{}", message);
        }
        synchronized (recent) {
            if (recent.size() == KEPT) {
                recent.removeFirst();
            }
            recent.addLast(new SyncStatus.Event(time, now.title(), confirmed.flush(), message));
            if (now instanceof TransferState.Degraded) {
                degradations++;
            }
        }
    }

    List<SyncStatus.Event> recent() {
        synchronized (recent) {
            return List.copyOf(recent);
        }
    }

    /** How often the relay has begun to go on alone. */
    long degradations() {
        synchronized (recent) {
            return degradations;
        }
    }
}
