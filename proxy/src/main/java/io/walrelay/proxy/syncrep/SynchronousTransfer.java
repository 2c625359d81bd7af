package io.walrelay.proxy.syncrep;

/** What waits for the synchronous standbys of the relay ({@code synchronous_transfer}). */
public enum SynchronousTransfer {
    /** Nothing. */
    OFF,
    /** What is reported upstream: the primary's commits wait for them. */
    COMMIT,
    /** WAL for the other downstreams: none of them gets ahead of the synchronous ones. */
    DATA_FLUSH,
    /** Both. */
    ALL;

    /** Whether the positions reported upstream are theirs. */
    boolean holdsCommits() {
        return switch (this) {
            case COMMIT, ALL -> true;
            case OFF, DATA_FLUSH -> false;
        };
    }

    /** Whether other downstreams get only what they have flushed. */
    boolean holdsOthers() {
        return switch (this) {
            case DATA_FLUSH, ALL -> true;
            case OFF, COMMIT -> false;
        };
    }
}
