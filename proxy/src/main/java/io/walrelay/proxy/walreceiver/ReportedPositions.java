package io.walrelay.proxy.walreceiver;

import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import java.util.function.BooleanSupplier;

/**
 * What the upstream is told in a status update: each the position behind the last byte, or 0 for "unknown". Asked on
 * the upstream loop, whenever there may be something to report; {@link WalReceiver#positionsMoved} says that there may
 * be.
 *
 * <p>All of them must be true when they are given: the upstream lets commits return for them, and removes WAL.
 */
@FunctionalInterface
public interface ReportedPositions {
    /** Tells where they stand at this moment, all three of the same moment. */
    void tell(StandbyPositions.Reader reader);

    /** These, but unknown as long as {@code known} does not hold. */
    default ReportedPositions once(BooleanSupplier known) {
        return reader -> {
            if (known.getAsBoolean()) {
                tell(reader);
            } else {
                reader.positions(0, 0, 0);
            }
        };
    }

    /** This relay's own: flush after fdatasync alone; a node without data applies nothing. */
    static ReportedPositions of(WalStore wal) {
        return reader -> {
            WalEnd end = wal.end();
            // First, so that it is not ahead of what is written.
            long flushed = end.flushedRecordsValue();
            reader.positions(end.writtenValue(), flushed, 0);
        };
    }
}
