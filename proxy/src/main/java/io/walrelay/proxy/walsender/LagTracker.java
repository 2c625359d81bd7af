package io.walrelay.proxy.walsender;

/**
 * How long it takes a client to confirm WAL: remembers when each end of WAL became known here, and tells how long ago
 * that was when the client reports to have got so far. On the sender's loop. Mirrors {@code LagTrackerWrite} and
 * {@code LagTrackerRead} of PostgreSQL's {@code walsender.c}, as they are in the minor releases since the end of 2025:
 * a full buffer holds nobody up, the reader that is furthest behind keeps one sample aside.
 */
final class LagTracker {
    /** PostgreSQL's {@code LAG_TRACKER_BUFFER_SIZE}: one more than the samples it holds. */
    static final int BUFFER_SIZE = 8192;

    /** There is no new measurement. */
    static final long NONE = -1;

    /** Which of a client's positions is measured. */
    enum Head {
        WRITE,
        FLUSH,
        APPLY
    }

    /** A time that no sample has: times count from 2000 on. */
    private static final long NEVER = 0;

    private final long[] lsns = new long[BUFFER_SIZE];
    private final long[] times = new long[BUFFER_SIZE];
    private final Reader written = new Reader();
    private final Reader flushed = new Reader();
    private final Reader applied = new Reader();
    private int writeHead;
    private long lastLsn;

    /** How far one of the positions has been followed. */
    private static final class Reader {
        /** The next sample that has not been reached. */
        private int head;

        /** Whether the buffer went past this reader, and {@code overflowLsn} is the next sample instead. */
        private boolean overflowed;

        private long overflowLsn;
        private long overflowTime;
        private long lastLsn;
        private long lastTime;
    }

    /** Whether this is another end than the last that was recorded: else nobody has to look at the clock. */
    boolean isNew(long lsn) {
        return lsn != lastLsn;
    }

    /**
     * Remembers that WAL up to {@code lsn} is here since {@code now}.
     *
     * @param lsn the value of an LSN
     * @param now in µs, above zero
     */
    void record(long lsn, long now) {
        if (!isNew(lsn)) {
            return;
        }
        lastLsn = lsn;
        int next = (writeHead + 1) % BUFFER_SIZE;
        makeRoom(written, next);
        makeRoom(flushed, next);
        makeRoom(applied, next);
        lsns[writeHead] = lsn;
        times[writeHead] = now;
        writeHead = next;
    }

    /**
     * How long ago the WAL became known that the client has reported now, in µs, or {@link #NONE}.
     *
     * @param lsn what the client reports of its {@code which} position: the value of an LSN
     */
    long read(Head which, long lsn, long now) {
        Reader reader = reader(which);
        if (reader.overflowed && Long.compareUnsigned(reader.overflowLsn, lsn) > 0) {
            return now >= reader.overflowTime ? now - reader.overflowTime : NONE;
        }
        long time = advance(reader, lsn);
        if (time == NEVER) {
            time = interpolate(reader, lsn);
        }
        return time == NEVER || time > now ? NONE : now - time;
    }

    private void makeRoom(Reader reader, int at) {
        if (!reader.overflowed && reader.head == at) {
            reader.overflowed = true;
            reader.overflowLsn = lsns[at];
            reader.overflowTime = times[at];
        }
    }

    private Reader reader(Head which) {
        return switch (which) {
            case WRITE -> written;
            case FLUSH -> flushed;
            case APPLY -> applied;
        };
    }

    /** Goes on to the last sample that has been reached, and returns its time. */
    private long advance(Reader reader, long lsn) {
        long time = NEVER;
        if (reader.overflowed) {
            time = reader.overflowTime;
            reader.lastLsn = reader.overflowLsn;
            reader.lastTime = reader.overflowTime;
            reader.overflowed = false;
            reader.head = (writeHead + 1) % BUFFER_SIZE;
        }
        while (reader.head != writeHead && Long.compareUnsigned(lsns[reader.head], lsn) <= 0) {
            time = times[reader.head];
            reader.lastLsn = lsns[reader.head];
            reader.lastTime = time;
            reader.head = (reader.head + 1) % BUFFER_SIZE;
        }
        if (reader.head == writeHead) {
            // All is confirmed: an old sample would falsify what is measured when WAL comes again after a pause.
            reader.lastTime = NEVER;
        }
        return time;
    }

    /**
     * The time at which {@code lsn} became known, between the samples around it: so a position that stands has a lag
     * that grows.
     */
    private long interpolate(Reader reader, long lsn) {
        if (reader.head == writeHead) {
            return NEVER;
        }
        long nextLsn = lsns[reader.head];
        long nextTime = times[reader.head];
        if (reader.lastTime == NEVER) {
            return nextTime;
        }
        if (Long.compareUnsigned(lsn, reader.lastLsn) < 0 || reader.lastTime > nextTime) {
            return NEVER;
        }
        double fraction = (double) (lsn - reader.lastLsn) / (double) (nextLsn - reader.lastLsn);
        return (long) (reader.lastTime + (nextTime - reader.lastTime) * fraction);
    }
}
