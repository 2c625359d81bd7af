package io.walrelay.proxy.syncrep;

import io.walrelay.replication.Lsn;

/**
 * Since when the oldest WAL waits that the synchronous standbys have not flushed yet. Bounded: neighbours are put
 * together when there are many, which makes WAL look older by at most a 64th of the time that the oldest has waited.
 * Told of each flush and of each report of a standby: in two arrays, which never grow. Positions are the values of
 * LSNs.
 */
final class UnconfirmedWal {
    static final int MOST = 128;

    /** Where pieces of WAL end, the oldest first; one more than there may be, before neighbours are put together. */
    private final long[] ends = new long[MOST + 1];

    /** Since when the first of each is here. */
    private final long[] since = new long[MOST + 1];

    private int pieces;
    private long newest;

    /** How far apart, in nanoseconds, pieces begin that are kept apart. */
    private long spacing;

    /** @param now in nanoseconds of a clock that does not go back */
    void flushedHere(long end, long now) {
        if (Long.compareUnsigned(end, newest) <= 0) {
            return;
        }
        newest = end;
        add(end, now);
        if (pieces > MOST) {
            spacing = (now - since[0]) / (MOST / 2) + 1;
            int all = pieces;
            pieces = 0;
            for (int i = 0; i < all; i++) {
                add(ends[i], since[i]);
            }
        }
    }

    private void add(long end, long began) {
        if (pieces > 0 && began - since[pieces - 1] < spacing) {
            ends[pieces - 1] = end;
        } else {
            ends[pieces] = end;
            since[pieces] = began;
            pieces++;
        }
    }

    void confirmed(long position) {
        int reached = 0;
        while (reached < pieces && Long.compareUnsigned(ends[reached], position) <= 0) {
            reached++;
        }
        if (reached > 0) {
            pieces -= reached;
            System.arraycopy(ends, reached, ends, 0, pieces);
            System.arraycopy(since, reached, since, 0, pieces);
        }
        if (pieces == 0) {
            spacing = 0;
        }
    }

    /** Whether all is confirmed. */
    boolean isEmpty() {
        return pieces == 0;
    }

    /** For how long, at {@code now}, the oldest of it has waited; 0 if all is confirmed. */
    long age(long now) {
        return pieces == 0 ? 0 : now - since[0];
    }

    /** Nobody waits. */
    void forget() {
        pieces = 0;
        newest = 0;
        spacing = 0;
    }

    /** The WAL behind {@code common} is gone. */
    void takenBack(long common) {
        newest = Lsn.min(newest, common);
        for (int i = 0; i < pieces; i++) {
            ends[i] = Lsn.min(ends[i], common);
        }
    }
}
