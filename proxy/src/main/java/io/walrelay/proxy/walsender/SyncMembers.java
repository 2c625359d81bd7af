package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.SyncSet;
import io.walrelay.proxy.syncrep.SyncStanding;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Which walsenders have synchronous standbys as clients; replaced as a whole when that changes.
 *
 * @param leaders those who are sent everything at once
 */
record SyncMembers(Map<SenderEntry, SyncStanding> standings, Set<SenderEntry> leaders) {
    /** Before there are any rules. */
    static final SyncMembers NOBODY = new SyncMembers(Map.of(), Set.of());

    SyncMembers {
        standings = Map.copyOf(standings);
        leaders = Set.copyOf(leaders);
    }

    /** @param set chosen of {@code entries}, in their order */
    static SyncMembers of(List<SenderEntry> entries, SyncSet set) {
        Map<SenderEntry, SyncStanding> standings = new HashMap<>();
        Set<SenderEntry> leaders = new HashSet<>();
        for (int i = 0; i < entries.size(); i++) {
            standings.put(entries.get(i), set.standings().get(i));
            if (set.leaders().contains(i)) {
                leaders.add(entries.get(i));
            }
        }
        return new SyncMembers(standings, leaders);
    }

    SyncStanding standing(SenderEntry entry) {
        return Objects.requireNonNullElse(standings.get(entry), SyncStanding.ASYNC);
    }

    boolean leads(SenderEntry entry) {
        return leaders.contains(entry);
    }
}
