package io.walrelay.proxy.walsender;

import io.walrelay.proxy.wal.WalIntegrity.Verdict;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.wal.WarmWal;
import io.walrelay.proxy.wal.WarmWal.Stretch;
import io.walrelay.replication.WalFileName;
import io.walrelay.wire.error.PgException;
import org.jspecify.annotations.Nullable;

/**
 * Holds a sender back from WAL that is not ready to be sent: which is not known to be good, or not to be in memory.
 * What comes next is made ready while the sender is busy with what is before. On the sender's loop, never blocking it;
 * the sender is woken when there is more to send.
 */
final class Readiness {
    /** What is written behind the position of a sender that has had all there was is in memory, up to so many bytes. */
    private static final long FOLLOWED = 16L << 20;

    private final WalStore wal;
    private final WarmWal warm;
    private final SendPosition position;
    private final Soundness soundness;

    /** Up to here it follows what is being written, and nobody is asked whether that is in memory; an LSN. */
    private long followsTo;

    /** It is being sent, and the one behind it was asked for. */
    private @Nullable Stretch entered;

    /** @param reopen closes the file that is open: the one that was checked may be another */
    Readiness(WalStore wal, SendPosition position, Runnable reopen) {
        this.wal = wal;
        this.warm = wal.warm();
        this.position = position;
        this.soundness = new Soundness(wal, position, reopen);
    }

    /**
     * Up to where WAL may be sent now: {@code limit}, or less, but not less than {@code sent}. All are the values of
     * LSNs.
     *
     * @throws PgException XX001 if what comes next is damaged and could not be fetched again
     */
    long end(long sent, long limit) {
        if (Long.compareUnsigned(sent, limit) >= 0) {
            followsTo = sent + FOLLOWED;
            return limit;
        }
        long sound = soundness.end(sent, limit);
        return Long.compareUnsigned(sent, sound) >= 0 || isInMemory(sent, limit) ? sound : sent;
    }

    private boolean isInMemory(long sent, long limit) {
        if (Long.compareUnsigned(sent, followsTo) < 0 || isBeingWritten(sent, limit)) {
            return true;
        }
        Stretch here = at(sent);
        if (!warm.isLoaded(here)) {
            return false;
        }
        if (!here.equals(entered)) {
            entered = here;
            askAhead(here, sent + warm.length(), limit);
        }
        return true;
    }

    /** Within the stretch that holds the end, or will. */
    private boolean isBeingWritten(long sent, long limit) {
        return Long.compareUnsigned(sent | (warm.length() - 1L), limit) >= 0;
    }

    private void askAhead(Stretch here, long next, long limit) {
        if (isBeingWritten(next, limit)) {
            return;
        }
        Stretch ahead = at(next);
        // A check that is still to come reads it.
        if (ahead.file().equals(here.file()) || wal.integrity().ask(ahead.file()) instanceof Verdict.Sound) {
            warm.loadAhead(ahead);
        }
    }

    private Stretch at(long lsn) {
        WalFileName file = position.fileOf(lsn);
        int number = wal.directory().segmentSize().offset(lsn) / warm.length();
        Stretch last = entered;
        // Asked for each message: an object only for the first of a stretch.
        return last != null && last.number() == number && last.file().equals(file) ? last : new Stretch(file, number);
    }
}
