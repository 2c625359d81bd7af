package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.wal.WalFormatException;
import io.walrelay.replication.wal.WalStreamChecker;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks WAL before it is written, on the upstream loop: page headers, record links and checksums. Where the stream
 * begins anew at a place that the checker has not just come to, it first reads what is on disk before that place.
 */
final class WalVerifier {
    private static final Logger log = LoggerFactory.getLogger(WalVerifier.class);

    private StoredWal stored;
    private @Nullable WalStreamChecker checker;

    /** What came to the checker was not valid: it tells up to where all was, and can be fed no more. */
    private boolean failed;

    WalVerifier(StoredWal stored) {
        this.stored = stored;
    }

    /**
     * Checks WAL that begins at {@code start}, the value of its LSN: a part of a buffer, whose indices stay as they
     * are.
     *
     * @throws WalFormatException if it is not valid; {@link #validatedEnd} tells up to where all was
     * @throws IOException if what is before it cannot be read
     */
    void check(long start, ByteBuf wal, int index, int length) throws IOException {
        try {
            standAt(start).feed(wal, index, length);
        } catch (WalFormatException invalid) {
            failed = true;
            throw invalid;
        }
    }

    private WalStreamChecker standAt(long position) throws IOException {
        WalStreamChecker standing = checker;
        return standing == null || failed || !standing.isAt(position) ? beginAt(new Lsn(position)) : standing;
    }

    private WalStreamChecker beginAt(Lsn position) throws IOException {
        WalStreamChecker standing = begin(stored.checkerBefore(position));
        try {
            stored.feed(standing, position);
        } catch (WalFormatException damaged) {
            WalStreamChecker segment = stored.checkerOfSegment(position);
            if (!standing.position().isBefore(segment.position())) {
                throw damaged;
            }
            // What is damaged is in a segment before, which is mended by itself: see WalIntegrity.
            log.warn("invalid WAL before the segment that is being received: {}", damaged.message());
            standing = begin(segment);
            stored.feed(standing, position);
        }
        return standing;
    }

    private WalStreamChecker begin(WalStreamChecker next) {
        checker = next;
        failed = false;
        return next;
    }

    /**
     * The end of the last record that is here as a whole, and valid; {@code otherwise} where none has been seen. Both
     * are values of LSNs.
     */
    long validatedEnd(long otherwise) {
        WalStreamChecker standing = checker;
        return standing == null ? otherwise : standing.validatedEndValue();
    }

    /** Where the newest checkpoint that was seen would begin to replay, as the value of an LSN; 0 for none. */
    long checkpointRedo() {
        WalStreamChecker standing = checker;
        return standing == null ? 0 : standing.checkpointRedoValue();
    }

    /** Goes on with another timeline, or anew with the same. */
    void continueOn(StoredWal next) {
        stored = next;
        checker = null;
        failed = false;
    }
}
