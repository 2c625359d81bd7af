package io.walrelay.proxy.syncrep;

import io.walrelay.replication.Lsn;

/**
 * How far a standby, or a set of them, has come; each the position behind the last byte, 0/0 where it is not known.
 *
 * @param write taken from the network
 * @param flush durable
 * @param apply replayed
 */
public record StandbyPositions(Lsn write, Lsn flush, Lsn apply) {
    /** Nothing is known. */
    public static final StandbyPositions UNKNOWN = new StandbyPositions(Lsn.INVALID, Lsn.INVALID, Lsn.INVALID);

    /** Is told positions as the values of their LSNs, without an object. */
    @FunctionalInterface
    public interface Reader {
        /** How far it is; 0 for what is not known. */
        void positions(long write, long flush, long apply);
    }

    /** Of each the one further back. */
    public StandbyPositions min(StandbyPositions other) {
        return new StandbyPositions(
                Lsn.min(write, other.write), Lsn.min(flush, other.flush), Lsn.min(apply, other.apply));
    }

    /** None beyond {@code limit}. */
    public StandbyPositions min(Lsn limit) {
        return min(new StandbyPositions(limit, limit, limit));
    }

    /** Of each the one further ahead. */
    public StandbyPositions max(StandbyPositions other) {
        return new StandbyPositions(
                Lsn.max(write, other.write), Lsn.max(flush, other.flush), Lsn.max(apply, other.apply));
    }
}
