package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import java.util.function.BooleanSupplier;

/**
 * What the upstream is told in a status update: each the position behind the last byte, or {@link Lsn#INVALID} for
 * "unknown". Asked on the upstream loop, whenever there may be something to report; {@link WalReceiver#positionsMoved}
 * says that there may be.
 *
 * <p>All of them must be true when they are given: the upstream lets commits return for them, and removes WAL.
 */
public interface ReportedPositions {
    /** Up to where WAL is written. */
    Lsn write();

    /** Up to where WAL is durable. */
    Lsn flush();

    /** Up to where WAL is replayed. */
    Lsn apply();

    /** These, but unknown as long as {@code known} does not hold. */
    default ReportedPositions once(BooleanSupplier known) {
        ReportedPositions these = this;
        return new ReportedPositions() {
            @Override
            public Lsn write() {
                return known.getAsBoolean() ? these.write() : Lsn.INVALID;
            }

            @Override
            public Lsn flush() {
                return known.getAsBoolean() ? these.flush() : Lsn.INVALID;
            }

            @Override
            public Lsn apply() {
                return known.getAsBoolean() ? these.apply() : Lsn.INVALID;
            }
        };
    }

    /** This relay's own: flush after fdatasync alone; a node without data applies nothing. */
    static ReportedPositions of(WalStore wal) {
        return new ReportedPositions() {
            @Override
            public Lsn write() {
                return wal.end().written();
            }

            @Override
            public Lsn flush() {
                return wal.acknowledgeable();
            }

            @Override
            public Lsn apply() {
                return Lsn.INVALID;
            }
        };
    }
}
