package io.walrelay.proxy.wal;

import io.walrelay.replication.Lsn;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * From where on WAL has to be kept, and because of what: a pure decision over named reasons, as PostgreSQL's {@code
 * KeepLogSeg} takes it.
 *
 * @param holds every reason there is, the one that holds most first
 */
public record Retention(List<Hold> holds) {
    /**
     * A reason to keep WAL.
     *
     * @param reason for people: {@code replication slot "standby1"}, {@code wal_keep_size}
     * @param from WAL from here on is kept
     */
    public record Hold(String reason, Lsn from) {}

    /** Sorts the reasons. */
    public Retention {
        holds = holds.stream().sorted(Comparator.comparing(Hold::from)).toList();
    }

    /** WAL from here on is kept; empty where there is no reason at all, and so nothing is known that may go. */
    public Optional<Lsn> horizon() {
        return holds.stream().map(Hold::from).findFirst();
    }

    /** The hold of {@code wal_keep_size}: that many bytes before the end. */
    public static Hold keepSize(Lsn end, long bytes) {
        boolean all = Long.compareUnsigned(bytes, end.value()) >= 0;
        return new Hold("wal_keep_size", all ? new Lsn(1) : end.plus(-bytes));
    }
}
