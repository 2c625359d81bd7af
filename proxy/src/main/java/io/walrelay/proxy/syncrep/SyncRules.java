package io.walrelay.proxy.syncrep;

import java.time.Duration;
import java.util.Optional;

/**
 * The settings of synchronous replication, as they are at one moment.
 *
 * @param names empty: there are no synchronous standbys, and nothing waits
 * @param timeout {@code replication_timeout}; zero for none
 */
public record SyncRules(
        Optional<SyncStandbyNames> names,
        SynchronousTransfer transfer,
        Duration timeout,
        ReplicationTimeoutAction action) {
    /** Nobody is synchronous. */
    public static final SyncRules NONE =
            new SyncRules(Optional.empty(), SynchronousTransfer.OFF, Duration.ZERO, ReplicationTimeoutAction.WAIT);

    /** Whether what is reported upstream waits for the synchronous standbys. */
    public boolean holdsCommits() {
        return names.isPresent() && transfer.holdsCommits();
    }

    /** Whether other downstreams wait for them. */
    public boolean holdsOthers() {
        return names.isPresent() && transfer.holdsOthers();
    }

    boolean holdsAnything() {
        return holdsCommits() || holdsOthers();
    }
}
