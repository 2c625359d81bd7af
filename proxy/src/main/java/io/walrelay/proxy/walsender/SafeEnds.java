package io.walrelay.proxy.walsender;

import io.walrelay.replication.Lsn;

/**
 * Where messages may end: the ends of WAL that have been published lately, and every page boundary. A position at which
 * the synchronous standbys have arrived may lie anywhere, for a client can claim any. The writer adds, anybody asks.
 * Positions are the values of LSNs.
 */
final class SafeEnds {
    /**
     * How many are remembered: with a read of the socket each, enough for what standbys are behind while they stream.
     */
    static final int REMEMBERED = 8192;

    private static final long PAGE = 8192;

    private final long[] ends = new long[REMEMBERED];
    private int first;
    private int count;

    /** WAL has been published up to {@code end}, further than before. */
    synchronized void add(long end) {
        if (count > 0 && Long.compareUnsigned(end, at(count - 1)) <= 0) {
            return;
        }
        if (count == REMEMBERED) {
            first = (first + 1) % REMEMBERED;
            count--;
        }
        ends[(first + count) % REMEMBERED] = end;
        count++;
    }

    /** The WAL behind {@code end} is replaced by other. */
    synchronized void takeBack(long end) {
        while (count > 0 && Long.compareUnsigned(at(count - 1), end) > 0) {
            count--;
        }
        add(end);
    }

    /** The last place up to {@code limit} where a message may end. */
    synchronized long floor(long limit) {
        long page = limit & -PAGE;
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(at(middle), limit) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? page : Lsn.max(page, at(low - 1));
    }

    private long at(int index) {
        return ends[(first + index) % REMEMBERED];
    }
}
