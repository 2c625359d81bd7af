package io.walrelay.bench.client;

import java.util.Arrays;

/**
 * When WAL has arrived: a position and a time for each message, both rising. One thread adds, any other may read what
 * was there when it looked at {@link #last}.
 */
final class Arrivals {
    private long[] ends = new long[4096];
    private long[] nanos = new long[4096];
    private int count;
    private volatile long last;

    /** The WAL before {@code end} has arrived now. */
    void add(long end) {
        long now = System.nanoTime();
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count * 2);
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        ends[count] = end;
        nanos[count] = now;
        count++;
        last = end;
    }

    /** Up to where WAL has arrived. */
    long last() {
        return last;
    }

    /** The {@link System#nanoTime} at which something behind a position arrived; there must be such a thing. */
    long firstBehind(long position) {
        if (last <= position) {
            throw new IllegalArgumentException("nothing has arrived yet");
        }
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] > position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return nanos[low];
    }
}
