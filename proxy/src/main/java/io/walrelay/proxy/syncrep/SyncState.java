package io.walrelay.proxy.syncrep;

import java.util.Locale;

/** What a standby is to synchronous commits, with the names of {@code pg_stat_replication.sync_state}. */
public enum SyncState {
    /** Not in the list, or it does not say what it has flushed. */
    ASYNC,
    /** In the list, and not one of those that are waited for now. */
    POTENTIAL,
    /** Waited for. */
    SYNC,
    /** One of those of whom a number is waited for. */
    QUORUM;

    /** The name that views show. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether what it confirms counts now. */
    public boolean counts() {
        return switch (this) {
            case SYNC, QUORUM -> true;
            case ASYNC, POTENTIAL -> false;
        };
    }
}
