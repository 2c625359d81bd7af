package io.walrelay.proxy.walreceiver;

import io.walrelay.replication.Lsn;
import java.util.function.LongSupplier;

/**
 * Gathers what the upstream's messages say of it, on the upstream loop, and announces it once for all that one read of
 * the socket has brought; any thread may ask. Makes no garbage. For units see {@link Heard}.
 */
final class Hearing {
    private final LongSupplier clock;

    // Of the upstream loop.
    private boolean isNews;
    private long sendTime;
    private long latestEnd;
    private long latestEndTime;

    // What these were when they were announced, and when that was.
    private long announcedSendTime;
    private long announcedReceiptTime;
    private long announcedEnd;
    private long announcedEndTime;

    /** @param clock the time in µs since 2000 */
    Hearing(LongSupplier clock) {
        this.clock = clock;
    }

    /** A message has said where the upstream's WAL ends, the value of an LSN, and when it was sent. */
    void message(long end, long time) {
        isNews = true;
        sendTime = time;
        if (Long.compareUnsigned(end, latestEnd) > 0) {
            latestEndTime = time;
        }
        latestEnd = end;
    }

    /** A read of the socket is over. */
    void announce() {
        if (isNews) {
            announce(clock.getAsLong());
            isNews = false;
        }
    }

    private synchronized void announce(long receiptTime) {
        announcedSendTime = sendTime;
        announcedReceiptTime = receiptTime;
        announcedEnd = latestEnd;
        announcedEndTime = latestEndTime;
    }

    /** What was announced last; {@link Heard#NOTHING} before the first message. Any thread. */
    synchronized Heard heard() {
        return new Heard(announcedSendTime, announcedReceiptTime, new Lsn(announcedEnd), announcedEndTime);
    }
}
