package io.walrelay.replication.wal;

import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.WalSegmentSize;

/**
 * What all WAL of one cluster has in common. Pages have 8192 bytes, as in all but self-made builds; numbers are little
 * endian.
 */
public record WalFormat(WalPageMagic magic, WalSegmentSize segmentSize, SystemIdentifier systemIdentifier) {
    /** Bytes of a page, {@code XLOG_BLCKSZ}. */
    public static final int PAGE_SIZE = 8192;

    /** What records are aligned to, {@code MAXIMUM_ALIGNOF}. */
    static final int ALIGNMENT = 8;

    static int bytesToAlignment(long position) {
        return (int) (-position & (ALIGNMENT - 1));
    }

    static int offsetInPage(long position) {
        return (int) (position & (PAGE_SIZE - 1));
    }
}
