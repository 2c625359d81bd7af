package io.walrelay.proxy.walreceiver;

import io.walrelay.replication.copyboth.StandbyMessage.HotStandbyFeedback;

/**
 * The oldest transactions whose rows standbys still need, for hot standby feedback: 64-bit transaction IDs, the epoch
 * in the upper half, so that they can be compared; 0 for none.
 *
 * @param xmin of queries
 * @param catalogXmin of logical slots
 */
public record StandbyXmins(long xmin, long catalogXmin) {
    /** Nothing is needed. */
    public static final StandbyXmins NONE = new StandbyXmins(0, 0);

    /**
     * The message that says so.
     *
     * @param clientTime µs since 2000
     */
    HotStandbyFeedback message(long clientTime) {
        return new HotStandbyFeedback(clientTime, (int) xmin, epoch(xmin), (int) catalogXmin, epoch(catalogXmin));
    }

    private static int epoch(long transaction) {
        return (int) (transaction >>> Integer.SIZE);
    }
}
