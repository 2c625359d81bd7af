package io.walrelay.proxy.syncrep;

/** What to do when the synchronous standbys take longer than {@code replication_timeout}. */
public enum ReplicationTimeoutAction {
    /** Say so, and wait on. */
    WAIT,
    /** Say so, and go on without them until they have caught up. */
    ASYNC
}
