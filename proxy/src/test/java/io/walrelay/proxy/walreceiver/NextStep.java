package io.walrelay.proxy.walreceiver;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;

/** Gives tests in other packages what a receiver decides to do with an upstream. */
public sealed interface NextStep {
    /** It asks for WAL of the timeline that it is on. */
    record Stream() implements NextStep {}

    /** It leaves its timeline for this one. */
    record SwitchTo(TimelineId next) implements NextStep {}

    /** It has nothing to do with the upstream. */
    record Refuse(String why) implements NextStep {}

    /** Decides. */
    static NextStep decide(TimelineHistory ours, Lsn end, TimelineHistory upstream) {
        return switch (TimelineStep.decide(ours, end, upstream)) {
            case TimelineStep.Stream stream -> new Stream();
            case TimelineStep.SwitchTo to -> new SwitchTo(to.next());
            case TimelineStep.Refuse refuse -> new Refuse(refuse.reason().message());
        };
    }
}
