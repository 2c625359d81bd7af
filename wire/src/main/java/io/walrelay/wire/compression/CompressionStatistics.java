package io.walrelay.wire.compression;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What compression has done on one connection. Counted on its event loop alone, read by any thread. */
public final class CompressionStatistics {
    private final AtomicLong raw = new AtomicLong();
    private final AtomicLong wire = new AtomicLong();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger level = new AtomicInteger();

    /**
     * The figures at one moment.
     *
     * @param level of zstd; 0 where it is not known, as on the side that decompresses
     * @param rawBytes of messages, as they would have gone without compression
     * @param wireBytes of messages that they went in
     * @param nanos spent in zstd
     */
    public record Figures(int level, long rawBytes, long wireBytes, long nanos) {}

    /** The figures now. */
    public Figures figures() {
        return new Figures(level.get(), raw.get(), wire.get(), nanos.get());
    }

    /** Time spent in zstd so far, without an object for it. */
    long nanos() {
        return nanos.getPlain();
    }

    void raw(long bytes) {
        raw.lazySet(raw.getPlain() + bytes);
    }

    void wire(long bytes) {
        wire.lazySet(wire.getPlain() + bytes);
    }

    void spent(long time) {
        nanos.lazySet(nanos.getPlain() + time);
    }

    void level(int now) {
        level.lazySet(now);
    }
}
