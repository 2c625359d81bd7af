package io.walrelay.wire.codec;

/**
 * What an authenticated client may send, in bytes of the length word, which counts itself. Nothing is allocated before
 * it has arrived, so a limit bounds what a client can make the server hold by really sending it.
 *
 * @param maxQuery for {@code Q}; also for the extended protocol and function calls
 * @param maxCopyData for {@code d}: a standby's messages are below 50 bytes, the pieces of UPLOAD_MANIFEST 64 kB
 * @param extended what becomes of the bodies of the extended protocol
 */
public record FrontendLimits(int maxQuery, int maxCopyData, Extended extended) {
    /** For messages that carry next to nothing, PostgreSQL's {@code PQ_SMALL_MESSAGE_LIMIT}. */
    public static final int SMALL = 10_000;

    /** The most that PostgreSQL takes, {@code PQ_LARGE_MESSAGE_LIMIT}: 1 GB - 2. */
    public static final int LARGE = 0x3FFF_FFFE;

    /** PostgreSQL's own limits. */
    public static final FrontendLimits POSTGRESQL = new FrontendLimits(LARGE, LARGE, Extended.READ);

    /** What replication needs, with room: queries of 1 MB, CopyData of 256 kB. */
    public static final FrontendLimits REPLICATION = new FrontendLimits(1 << 20, 1 << 18, Extended.DROPPED);

    /** What a person or an exporter needs to ask: queries of 1 MB, parameters included; no COPY. */
    public static final FrontendLimits SQL = new FrontendLimits(1 << 20, SMALL, Extended.READ);

    /** Bodies of the extended query protocol. */
    public enum Extended {
        /** The session serves them. */
        READ,
        /** The session refuses them; they are dropped as they arrive. */
        DROPPED
    }

    /** Checks that both are between {@link #SMALL} and {@link #LARGE}. */
    public FrontendLimits {
        if (maxQuery < SMALL || maxQuery > LARGE || maxCopyData < SMALL || maxCopyData > LARGE) {
            throw new IllegalArgumentException("limits must be between " + SMALL + " and " + LARGE + " bytes");
        }
    }

    boolean readsExtended() {
        return extended == Extended.READ;
    }
}
