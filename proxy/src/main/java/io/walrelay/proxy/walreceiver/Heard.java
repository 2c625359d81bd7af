package io.walrelay.proxy.walreceiver;

import io.walrelay.replication.Lsn;

/**
 * What the upstream's messages have said of itself, as {@code ProcessWalSndrMessage} keeps it. Times are µs since 2000,
 * 0 for none.
 *
 * @param sendTime of the last message, by the upstream's clock
 * @param receiptTime of the last message, by ours
 * @param latestEnd where the upstream's WAL ends, as it said last
 * @param latestEndTime of the message that moved that forward, by the upstream's clock
 */
record Heard(long sendTime, long receiptTime, Lsn latestEnd, long latestEndTime) {
    /** Before the first message. */
    static final Heard NOTHING = new Heard(0, 0, Lsn.INVALID, 0);
}
