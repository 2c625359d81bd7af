package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.wal.WalFormatException;
import io.walrelay.replication.wal.WalStreamChecker;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks WAL before it is written, on the upstream loop: page headers, record links and checksums. Where the stream
 * begins anew at a place that the checker has not just come to, it first reads what is on disk before that place.
 */
final class WalVerifier {
    private StoredWal stored;
    private @Nullable WalStreamChecker checker;

    WalVerifier(StoredWal stored) {
        this.stored = stored;
    }

    /**
     * Checks WAL that begins at {@code start}.
     *
     * @throws WalFormatException if it is not valid; {@link #validatedEnd} tells up to where all was
     * @throws IOException if what is before it cannot be read
     */
    void check(Lsn start, ByteBuf wal) throws IOException {
        standAt(start).feed(wal);
    }

    private WalStreamChecker standAt(Lsn position) throws IOException {
        WalStreamChecker standing = checker;
        if (standing == null || !standing.position().equals(position)) {
            standing = stored.checkerAt(position);
            checker = standing;
        }
        return standing;
    }

    /** The end of the last record that is here as a whole, and valid; {@code otherwise} where none has been seen. */
    Lsn validatedEnd(Lsn otherwise) {
        WalStreamChecker standing = checker;
        return standing == null ? otherwise : standing.validatedEnd();
    }

    /** Where the newest checkpoint that was seen would begin to replay. */
    Optional<Lsn> checkpointRedo() {
        WalStreamChecker standing = checker;
        return standing == null ? Optional.empty() : standing.checkpointRedo();
    }

    /** Goes on with another timeline, or anew with the same. */
    void continueOn(StoredWal next) {
        stored = next;
        checker = null;
    }
}
