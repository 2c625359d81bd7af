package io.walrelay.proxy.walreceiver;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.List;
import java.util.Optional;

/** What to do next, given what is here and the history of the upstream's timeline: a pure decision. */
sealed interface TimelineStep {
    /** Stream the timeline that we are on, from where we are. */
    record Stream() implements TimelineStep {}

    /** Leave our timeline at its switch point for this one, which comes next in the upstream's history. */
    record SwitchTo(TimelineId next, Lsn switchPoint) implements TimelineStep {}

    /** Have nothing to do with this upstream. */
    record Refuse(PgException reason) implements TimelineStep {}

    /**
     * Decides. Timelines are told apart by their histories, not by their numbers: two servers that were promoted from
     * one parent both have a timeline of the same number.
     *
     * @param ours the history of the timeline that we are on
     * @param end where our WAL ends
     * @param upstream the history of the timeline that the upstream is on
     */
    static TimelineStep decide(TimelineHistory ours, Lsn end, TimelineHistory upstream) {
        TimelineId timeline = ours.timeline();
        if (upstream.timeline().equals(timeline)) {
            return ancestry(upstream).equals(ancestry(ours)) ? new Stream() : diverged(timeline, upstream);
        }
        if (ours.contains(upstream.timeline()) && !upstream.contains(timeline)) {
            return refuse("highest timeline " + upstream.timeline() + " of the primary is behind recovery timeline "
                    + timeline);
        }
        Optional<Lsn> switchPoint = upstream.switchPoint(timeline);
        if (switchPoint.isEmpty() || !ancestryBefore(upstream, timeline).equals(ancestry(ours))) {
            return diverged(timeline, upstream);
        }
        if (end.isBefore(switchPoint.get())) {
            return new Stream();
        }
        return new SwitchTo(upstream.next(timeline).orElseThrow(), switchPoint.get());
    }

    private static TimelineStep diverged(TimelineId timeline, TimelineHistory upstream) {
        return refuse(
                "new timeline " + upstream.timeline() + " is not a child of database system timeline " + timeline);
    }

    private static Refuse refuse(String message) {
        return new Refuse(PgException.error(SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, message)
                .withHint("Point primary_conninfo at a server that continues the WAL that the relay has, or give the"
                        + " relay a new data_directory."));
    }

    private static List<Fork> ancestry(TimelineHistory history) {
        return history.ancestors().stream()
                .map(entry -> new Fork(entry.timeline(), entry.switchPoint()))
                .toList();
    }

    private static List<Fork> ancestryBefore(TimelineHistory history, TimelineId timeline) {
        return ancestry(history).stream()
                .takeWhile(fork -> !fork.timeline.equals(timeline))
                .toList();
    }

    /** Where a timeline was left; the reason in the history file is for people. */
    record Fork(TimelineId timeline, Lsn switchPoint) {}
}
