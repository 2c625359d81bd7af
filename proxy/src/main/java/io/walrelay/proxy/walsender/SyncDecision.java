package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.SyncSet;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.proxy.syncrep.SyncTransfer;
import io.walrelay.proxy.syncrep.TransferState;
import io.walrelay.replication.Lsn;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What {@link SyncReplication} has decided, until it decides anew.
 *
 * @param confirmed what the synchronous standbys have reached together
 * @param leaders those who are sent everything at once
 * @param limit up to where those who do not lead may be sent WAL; empty for no limit
 */
record SyncDecision(
        SyncRules rules,
        Map<SenderEntry, SyncStanding> standings,
        Set<SenderEntry> leaders,
        StandbyPositions confirmed,
        TransferState state,
        Optional<Lsn> limit) {
    /** Before there are any rules. */
    static final SyncDecision NONE = of(SyncRules.NONE, List.of(), SyncSet.NOBODY, new SyncTransfer(), limit -> limit);

    /**
     * For these walsenders.
     *
     * @param set decided for {@code entries}, in their order
     * @param safeEnd the last place up to a position where a message may end
     */
    static SyncDecision of(
            SyncRules rules,
            List<SenderEntry> entries,
            SyncSet set,
            SyncTransfer transfer,
            UnaryOperator<Lsn> safeEnd) {
        Map<SenderEntry, SyncStanding> standings = new HashMap<>();
        Set<SenderEntry> leaders = new HashSet<>();
        for (int i = 0; i < entries.size(); i++) {
            standings.put(entries.get(i), set.standings().get(i));
            if (set.leaders().contains(i)) {
                leaders.add(entries.get(i));
            }
        }
        return new SyncDecision(
                rules,
                Map.copyOf(standings),
                Set.copyOf(leaders),
                transfer.confirmed(),
                transfer.state(),
                transfer.limit(rules).map(safeEnd));
    }

    /** Up to where a sender may send, of what is here up to {@code available}; the values of LSNs. */
    long limit(SenderEntry entry, long available) {
        return limit.isEmpty() || leaders.contains(entry)
                ? available
                : Lsn.min(available, limit.get().value());
    }

    SyncStanding standing(SenderEntry entry) {
        return Objects.requireNonNullElse(standings.get(entry), SyncStanding.ASYNC);
    }

    /** Whether what is to be reported upstream may differ. */
    boolean movesPositionsOf(SyncDecision before) {
        return !confirmed.equals(before.confirmed) || !state.equals(before.state) || !rules.equals(before.rules);
    }

    /** Whether somebody who was held may be sent more. */
    boolean freesSendersOf(SyncDecision before) {
        return before.limit.isPresent() && !(limit.equals(before.limit) && leaders.equals(before.leaders));
    }
}
