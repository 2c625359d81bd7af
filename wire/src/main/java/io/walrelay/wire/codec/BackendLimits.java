package io.walrelay.wire.codec;

/**
 * What a server may send after authentication, in bytes of the length word, which counts itself. Before authentication
 * libpq's limits hold.
 *
 * @param maxMessage for rows and the like, and for errors and notices
 * @param maxCopyData for {@code d}: a walsender sends at most 128 kB of WAL in one
 */
public record BackendLimits(int maxMessage, int maxCopyData) {
    /** For messages that carry little, as in libpq. */
    public static final int SMALL = 30_000;

    /** 16 MB each: far above what replication needs. */
    public static final BackendLimits DEFAULT = new BackendLimits(16 << 20, 16 << 20);

    /** Checks that both are at least {@link #SMALL}. */
    public BackendLimits {
        if (maxMessage < SMALL || maxCopyData < SMALL) {
            throw new IllegalArgumentException("limits must be at least " + SMALL + " bytes");
        }
    }
}
