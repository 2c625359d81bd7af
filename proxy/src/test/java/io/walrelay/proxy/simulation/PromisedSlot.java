package io.walrelay.proxy.simulation;

import io.walrelay.replication.Lsn;

/** What clients have been told of a slot, and have told it. */
final class PromisedSlot {
    /** What they know. */
    enum Existence {
        /** It was reported as created. */
        YES,
        /** It was reported as dropped, or as not created. */
        NO,
        /** The program ended before it answered. */
        UNKNOWN
    }

    private final Lsn created;
    private Lsn advanced;
    private Existence existence = Existence.UNKNOWN;

    /** @param created where WAL was asked to be kept from */
    PromisedSlot(Lsn created) {
        this.created = created;
        this.advanced = created;
    }

    Lsn created() {
        return created;
    }

    /** The furthest that its client has reported as flushed. */
    Lsn advanced() {
        return advanced;
    }

    void advance(Lsn flushed) {
        advanced = Lsn.max(advanced, flushed);
    }

    /** Where restart_lsn may be now. */
    boolean allows(Lsn restartLsn, boolean invalidated, boolean mayInvalidate) {
        return invalidated
                ? mayInvalidate && !restartLsn.isValid()
                : !restartLsn.isBefore(created) && !restartLsn.isAfter(advanced);
    }

    Existence existence() {
        return existence;
    }

    void existence(Existence known) {
        existence = known;
    }
}
