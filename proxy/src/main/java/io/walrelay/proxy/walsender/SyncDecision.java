package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.SyncTransfer;
import io.walrelay.proxy.syncrep.TransferState;
import io.walrelay.replication.Lsn;

/**
 * What {@link SyncReplication} has decided, until it decides anew; replaced as a whole. Its positions are the values of
 * LSNs.
 *
 * @param members who is synchronous
 * @param write what they have reached together, as are flush and apply
 * @param limit up to where those who do not lead may be sent WAL, or {@link SyncTransfer#NO_LIMIT}
 */
record SyncDecision(
        SyncRules rules, SyncMembers members, long write, long flush, long apply, TransferState state, long limit) {
    /** Before there are any rules. */
    static final SyncDecision NONE = new SyncDecision(
            SyncRules.NONE, SyncMembers.NOBODY, 0, 0, 0, new TransferState.Armed(), SyncTransfer.NO_LIMIT);

    /**
     * What is decided now; this if that is the same.
     *
     * @param newLimit where a message may end
     */
    SyncDecision next(SyncRules newRules, SyncMembers newMembers, SyncTransfer transfer, long newLimit) {
        boolean same = newMembers.equals(members)
                && transfer.confirmedWrite() == write
                && transfer.confirmedFlush() == flush
                && transfer.confirmedApply() == apply
                && newLimit == limit
                && transfer.state().equals(state)
                && newRules.equals(rules);
        return same
                ? this
                : new SyncDecision(
                        newRules,
                        newMembers,
                        transfer.confirmedWrite(),
                        transfer.confirmedFlush(),
                        transfer.confirmedApply(),
                        transfer.state(),
                        newLimit);
    }

    /** Up to where a sender may send, of what is here up to {@code available}. */
    long limit(SenderEntry entry, long available) {
        return limit == SyncTransfer.NO_LIMIT || members.leads(entry) ? available : Lsn.min(available, limit);
    }

    StandbyPositions confirmed() {
        return new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply));
    }

    /** Whether what is to be reported upstream may differ. */
    boolean movesPositionsOf(SyncDecision before) {
        return write != before.write
                || flush != before.flush
                || apply != before.apply
                || !state.equals(before.state)
                || !rules.equals(before.rules);
    }

    /** Whether somebody who was held may be sent more. */
    boolean freesSendersOf(SyncDecision before) {
        return before.limit != SyncTransfer.NO_LIMIT
                && !(limit == before.limit && members.leaders().equals(before.members.leaders()));
    }
}
