package io.walrelay.proxy.wal;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import java.util.List;

/**
 * What is wrong with WAL that is stored here.
 *
 * @param validEnd where the last valid record before it ends, a place where a message may end; at the latest the place
 *     where reading began
 * @param lsn where it is: the start of the record or of the page that is not valid
 * @param reason in PostgreSQL's words
 * @param suspects the segments one of which is damaged, in order: a record that lies in several does not tell in which
 */
public record SegmentDamage(Lsn validEnd, Lsn lsn, String reason, List<WalFileName> suspects) {
    /** Copies the list. */
    public SegmentDamage {
        suspects = List.copyOf(suspects);
    }
}
