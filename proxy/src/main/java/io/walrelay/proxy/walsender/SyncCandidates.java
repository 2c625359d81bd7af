package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncSet;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.SyncStandbys;
import io.walrelay.proxy.wal.WalEnd;
import java.util.List;
import java.util.Optional;

/**
 * The walsenders whose clients may be synchronous standbys. {@link SyncReplication} looks at each of them once for each
 * decision, under its lock; what is known of them from the last time is put together anew only where it has changed.
 */
final class SyncCandidates {
    private final SyncStandbys standbys = new SyncStandbys();
    private Optional<SyncStandbyNames> names = Optional.empty();
    private List<SenderEntry> entries = List.of();
    private SyncSet set = SyncSet.NOBODY;
    private SyncMembers members = SyncMembers.NOBODY;

    /**
     * Looks at them.
     *
     * @param rule empty: nobody is synchronous
     * @param connected the same object as the last time if it is the same senders
     * @return those that are synchronous; the same object as the last time if it is the same ones
     */
    SyncMembers look(Optional<SyncStandbyNames> rule, List<SenderEntry> connected, WalEnd end) {
        // What is equal is nearly always the same object, which is seen without looking into it.
        boolean others = !connected.equals(entries) || !rule.equals(names);
        if (others) {
            standbys.become(
                    rule,
                    connected.stream()
                            .map(entry -> entry.client().applicationName())
                            .toList());
        }
        for (int i = 0; i < connected.size(); i++) {
            connected.get(i).stands(standbys, i, end);
        }
        SyncSet now = standbys.set();
        // The same places are not the same members where others have taken them.
        if (others || !now.equals(set)) {
            SyncMembers chosen = SyncMembers.of(connected, now);
            members = chosen.equals(members) ? members : chosen;
        }
        entries = connected;
        names = rule;
        set = now;
        return members;
    }

    /**
     * Tells {@code reader} what the synchronous ones had reached together then; nothing if there were too few of them.
     */
    void synced(StandbyPositions.Reader reader) {
        standbys.synced(reader);
    }
}
