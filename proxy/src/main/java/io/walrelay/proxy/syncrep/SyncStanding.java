package io.walrelay.proxy.syncrep;

/**
 * The {@code sync_priority} and {@code sync_state} of one standby.
 *
 * @param priority 0 if it is asynchronous, else its place in the list, from 1 on (1 for all in a quorum)
 */
public record SyncStanding(int priority, SyncState state) {
    /** That of a standby that nobody waits for. */
    public static final SyncStanding ASYNC = new SyncStanding(0, SyncState.ASYNC);
}
