package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.StoredFile;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * How long it takes the disk to flush what was written to a file: a mean of the last few times. Belongs to the round
 * that flushes.
 */
final class FlushTime {
    /** Each measurement counts for one part of so many. */
    private static final int MEMORY = 8;

    private final LongSupplier nanoTime;
    private final long brief;
    private long usual;

    /**
     * Nothing is known yet, and the first flush is taken to be brief.
     *
     * @param brief what is to be called so, in nanoseconds; 0 for nothing
     */
    FlushTime(LongSupplier nanoTime, long brief) {
        this.nanoTime = nanoTime;
        this.brief = brief;
    }

    /** Flushes a file, and looks how long it takes. */
    void measure(StoredFile file) throws IOException {
        long begun = nanoTime.getAsLong();
        file.sync();
        usual += (nanoTime.getAsLong() - begun - usual) / MEMORY;
    }

    /** Whether the next flush is likely to take no longer than what is called brief. */
    boolean isBrief() {
        return usual < brief;
    }
}
