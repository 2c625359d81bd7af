package io.walrelay.proxy.walsender;

import io.walrelay.proxy.wal.SegmentDamage;
import io.walrelay.proxy.wal.WalIntegrity;
import io.walrelay.proxy.wal.WalIntegrity.Verdict;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;

/**
 * Holds a sender back from stored WAL that is not known to be good: while a segment is being checked, and behind the
 * last valid record of one that is damaged, until that has been fetched again. A part of {@link Readiness}.
 */
final class Soundness {
    private final WalStore wal;
    private final WalIntegrity integrity;
    private final SendPosition position;
    private final Runnable reopen;
    private int replacements;

    /** @param reopen closes the file that is open: the one that was checked may be another */
    Soundness(WalStore wal, SendPosition position, Runnable reopen) {
        this.wal = wal;
        this.integrity = wal.integrity();
        this.position = position;
        this.reopen = reopen;
        this.replacements = integrity.replacements();
    }

    /**
     * Up to where WAL may be sent now: {@code limit}, or less, but not less than {@code sent}, which is before it. All
     * are the values of LSNs.
     *
     * @throws PgException XX001 if what comes next is damaged and could not be fetched again
     */
    long end(long sent, long limit) {
        if (replacements != integrity.replacements()) {
            replacements = integrity.replacements();
            reopen.run();
        }
        WalFileName file = position.fileOf(sent);
        return switch (integrity.ask(file)) {
            case Verdict.Sound sound -> {
                if (wal.directory().segmentSize().offset(sent) == 0) {
                    integrity.askAhead(file);
                }
                yield Lsn.min(limit, wal.directory().segmentSize().startValue(file.segmentNumber() + 1));
            }
            case Verdict.Unchecked unchecked -> sent;
            case Verdict.Damaged damaged -> upTo(damaged, sent, limit, file);
        };
    }

    private long upTo(Verdict.Damaged damaged, long sent, long limit, WalFileName file) {
        long valid = Lsn.min(limit, damaged.damage().validEnd().value());
        if (Long.compareUnsigned(sent, valid) >= 0 && damaged.refetchFailed().isPresent()) {
            throw refusal(damaged.damage(), damaged.refetchFailed().get(), file);
        }
        return Lsn.max(sent, valid);
    }

    private PgException refusal(SegmentDamage damage, String why, WalFileName file) {
        return PgException.error(
                        SqlState.DATA_CORRUPTED,
                        "requested WAL segment " + file.format(wal.directory().segmentSize()) + " is damaged: "
                                + damage.reason())
                .withDetail("It could not be fetched again from the upstream: " + why)
                .withHint("The relay keeps trying. A standby that needs this WAL can be made anew from a base backup.");
    }
}
