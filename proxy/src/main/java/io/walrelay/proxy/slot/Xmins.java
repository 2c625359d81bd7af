package io.walrelay.proxy.slot;

import java.util.OptionalLong;

/**
 * The oldest transactions whose rows somebody still needs, as hot standby feedback says them: 64-bit transaction IDs
 * with the epoch in the upper half, compared without sign, so that the counter may wrap around; 0 for none.
 *
 * @param xmin of queries
 * @param catalogXmin of the catalogs, for logical decoding
 */
public record Xmins(long xmin, long catalogXmin) {
    /** Nothing is needed. */
    public static final Xmins NONE = new Xmins(0, 0);

    /** PostgreSQL's {@code FirstNormalTransactionId}: what is below it is no transaction. */
    private static final long FIRST_NORMAL = 3;

    /** What a client says in a hot standby feedback; this if it says the same again. */
    public Xmins said(int xid, int epoch, int catalogXid, int catalogEpoch) {
        return with(full(xid, epoch), full(catalogXid, catalogEpoch));
    }

    private Xmins with(long nextXmin, long nextCatalogXmin) {
        return nextXmin == xmin && nextCatalogXmin == catalogXmin ? this : new Xmins(nextXmin, nextCatalogXmin);
    }

    private static long full(int xid, int epoch) {
        long unsigned = Integer.toUnsignedLong(xid);
        return unsigned < FIRST_NORMAL ? 0 : ((long) epoch << Integer.SIZE) | unsigned;
    }

    /** What is needed here or there. */
    public Xmins join(Xmins other) {
        return new Xmins(older(xmin, other.xmin), older(catalogXmin, other.catalogXmin));
    }

    private static long older(long one, long other) {
        if (one == 0 || other == 0) {
            return one | other;
        }
        return Long.compareUnsigned(one, other) <= 0 ? one : other;
    }

    /**
     * What a slot with these holds after a feedback: it goes forward, and is withdrawn, but does not go back
     * ({@code PhysicalReplicationSlotNewXmin}).
     */
    Xmins after(Xmins feedback) {
        return feedback.with(newer(xmin, feedback.xmin), newer(catalogXmin, feedback.catalogXmin));
    }

    private static long newer(long held, long said) {
        return held == 0 || said == 0 || Long.compareUnsigned(held, said) < 0 ? said : held;
    }

    /** The older of the two as it is shown, without its epoch; empty if there is none. */
    public OptionalLong shown() {
        return shown(older(xmin, catalogXmin));
    }

    /** The one of queries as it is shown, without its epoch; empty if there is none. */
    public OptionalLong shownXmin() {
        return shown(xmin);
    }

    /** The one of the catalogs as it is shown, without its epoch; empty if there is none. */
    public OptionalLong shownCatalogXmin() {
        return shown(catalogXmin);
    }

    private static OptionalLong shown(long full) {
        return full == 0 ? OptionalLong.empty() : OptionalLong.of(full & 0xFFFF_FFFFL);
    }
}
