package io.walrelay.proxy.simulation;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.wal.WalFormat;
import io.walrelay.replication.wal.WalPageHeader;
import java.util.Map;
import java.util.Optional;

/**
 * One bit that is flipped on the way to the relay, within a record. Nobody can tell before the record is there as a
 * whole; so it may be written, and sent, but never acknowledged.
 *
 * @param record where the record begins
 * @param position of the byte
 * @param found it must have been found when the WAL up to here has come: what looks like a longer record is none when
 *     the next page begins
 */
record Flip(TimelineId timeline, Lsn record, Lsn position, Lsn found) {
    private static final int ALIGNMENT = 8;

    /** A bit at this place; empty if the byte is of no record: of a page's header, or of what fills up. */
    static Optional<Flip> at(World.Line line, Lsn position) {
        Map.Entry<Lsn, Lsn> record = line.records().floorEntry(position);
        if (record == null
                || !position.isBefore(record.getValue().plus(-ALIGNMENT))
                || (position.value() & (WalFormat.PAGE_SIZE - 1)) < WalPageHeader.LONG_LENGTH) {
            return Optional.empty();
        }
        long nextPage = (record.getValue().value() + WalFormat.PAGE_SIZE - 1) & -WalFormat.PAGE_SIZE;
        Lsn found = new Lsn(nextPage + WalPageHeader.LONG_LENGTH);
        return Optional.of(new Flip(line.timeline(), record.getKey(), position, found));
    }
}
