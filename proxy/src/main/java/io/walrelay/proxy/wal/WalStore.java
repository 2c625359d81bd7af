package io.walrelay.proxy.wal;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.ServerVersion;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalFormat;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The WAL of one cluster on this relay's disk: one writer (the upstream loop), one flusher, any number of readers, and
 * the published {@link WalEnd} between them.
 */
public final class WalStore implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WalStore.class);

    private final WalOpener opener;
    private final WalDirectory directory;
    private final WalFormat format;
    private final WarmWal warm;
    private final WalIntegrity integrity;
    private final WalFlusher flusher;
    private final WalWriter writer;
    private final List<Runnable> onWritten = new CopyOnWriteArrayList<>();
    private final List<Runnable> onFlushed = new CopyOnWriteArrayList<>();

    private volatile DiskGuard guard;
    private volatile ControlFile control;

    /** The value of an LSN; 0 for none. */
    private volatile long checkpointRedo;

    private volatile WalEnd end;
    private @Nullable Acknowledged saved;

    /** WAL before it is being removed, or is gone. */
    private volatile Lsn removing = Lsn.INVALID;

    /**
     * Held while files go, and while {@link #end} is replaced by one that may be further back: the two exclude each
     * other.
     */
    private final Object files = new Object();

    /**
     * A store whose files {@code opener} has brought in order.
     *
     * @param end where receiving goes on
     */
    WalStore(WalOpener opener, ControlFile control, WalDirectory directory, WalFormat format, WalEnd end) {
        this.opener = opener;
        this.control = control;
        this.directory = directory;
        this.format = format;
        this.end = end;
        this.warm = new WarmWal(directory, opener.nanoTime());
        this.integrity = new WalIntegrity(directory, format, this::end, warm, opener.verify(), opener.nanoTime());
        this.flusher = new WalFlusher(
                directory,
                opener.flusherThread(),
                new FlushTime(opener.nanoTime(), opener.briefFlush().toNanos()),
                integrity::completed,
                () -> onFlushed.forEach(Runnable::run),
                opener.syncFailed());
        this.guard = guard(() -> DiskGuard.Limits.NONE);
        this.writer = new WalWriter(
                directory,
                flusher,
                end,
                opener.verify() ? Optional.of(new WalVerifier(stored(end.history()))) : Optional.empty(),
                guard,
                this::published);
    }

    private StoredWal stored(TimelineHistory history) {
        return new StoredWal(directory, format, history);
    }

    private void published() {
        long newest = writer.checkpointRedo();
        if (newest != 0 && newest != checkpointRedo) {
            checkpointRedo = newest;
        }
        onWritten.forEach(Runnable::run);
    }

    /** Whose WAL this is. */
    public ControlFile control() {
        return control;
    }

    /** The segment and history files. */
    public WalDirectory directory() {
        return directory;
    }

    /** Whether what is stored may be served. */
    public WalIntegrity integrity() {
        return integrity;
    }

    /** Which of what is stored is in memory. */
    public WarmWal warm() {
        return warm;
    }

    /** Has what is stored read there before it is served, from now on; before, that is done where it is asked for. */
    public void readOn(Executor threads) {
        integrity.readOn(threads);
        warm.readOn(threads);
    }

    /** Where the WAL of the current timeline ends. */
    public WalEnd end() {
        return end;
    }

    /** The one writer; belongs to the upstream loop. */
    public WalWriter writer() {
        return writer;
    }

    /** Has {@code listener} told, on the upstream loop, whenever the written position has moved. It must not block. */
    public void onWritten(Runnable listener) {
        onWritten.add(listener);
    }

    /**
     * Has {@code listener} told, on the thread that flushed, whenever the flushed position has moved. It must not
     * block.
     */
    public void onFlushed(Runnable listener) {
        onFlushed.add(listener);
    }

    /**
     * Up to where the upstream may be told that WAL is durable here: what is flushed, in whole records that were found
     * valid. Any thread.
     */
    public Lsn acknowledgeable() {
        return end.flushedRecords();
    }

    /**
     * Takes back the WAL behind the last valid record, so that it is received anew: what has come since was not valid,
     * and the fault may lie in the part that had come before. None of it has been acknowledged, unless what is stored
     * has been damaged since. On the upstream loop.
     */
    public void refetch() throws IOException {
        flusher.drain();
        TimelineHistory history = end.history();
        // Of a record that began on the timeline before, the upstream has no other file than the switch point's.
        Lsn valid =
                Lsn.max(writer.validatedEnd(), directory.segmentSize().segmentStart(history.begin(history.timeline())));
        if (valid.isBefore(end.written())) {
            reportAcknowledgedBehind(valid);
            synchronized (files) {
                takeBack(new WalFileName(
                        history.timeline(), directory.segmentSize().segmentNumber(valid)));
                WalEnd next = new WalEnd(history, valid);
                // First, so that whoever has seen the new end finds the way to it from the old one.
                end.replacedBy(next);
                end = next;
            }
        }
        writer.continueOn(end, stored(history));
        onWritten.forEach(Runnable::run);
    }

    private void reportAcknowledgedBehind(Lsn valid) {
        if (valid.isBefore(acknowledgeable())) {
            log.error(
                    "WAL that was acknowledged up to {} is damaged behind {}: it is fetched again from the upstream",
                    acknowledgeable(),
                    valid);
        }
    }

    private void takeBack(WalFileName from) throws IOException {
        try {
            directory.reopen(from);
        } catch (IOException e) {
            // Half of the files are gone: to write on would acknowledge WAL that no file has.
            opener.syncFailed().accept(e);
            throw e;
        }
    }

    /**
     * Where the upstream's newest checkpoint, of those whose WAL has come since the start, would begin to replay; what
     * a standby would keep, and a new slot reserves.
     */
    public Optional<Lsn> checkpointRedo() {
        return Optional.of(new Lsn(checkpointRedo)).filter(Lsn::isValid);
    }

    /** The WAL that this node needs to find its own way after a restart. Any thread. */
    public Retention.Hold recoveryHold() {
        // A record that the newest segment begins with may have begun in the one before.
        Lsn from = Retention.keepSize(
                        end().flushed(), 2L * directory.segmentSize().bytes())
                .from();
        return new Retention.Hold("the relay's own recovery", from);
    }

    /**
     * The WAL that clients without a slot may count on, as on a standby: from the last checkpoint on. As long as none
     * has been seen since the start, all there is. Any thread.
     */
    public Retention.Hold checkpointHold() throws IOException {
        Optional<Lsn> redo = checkpointRedo();
        if (redo.isPresent() || !opener.verify()) {
            return new Retention.Hold("last checkpoint", redo.orElse(end().flushed()));
        }
        return new Retention.Hold("no checkpoint seen since the start", oldest());
    }

    /** Where the oldest WAL begins that is here. Any thread; looks at the directory. */
    public Lsn oldest() throws IOException {
        return directory.oldest(end().history()).orElse(end().flushed());
    }

    /**
     * From where on a new slot may reserve WAL: what a standby would keep, as far as it is not being removed. Any
     * thread.
     */
    public Lsn reservable() {
        // A timeline that was left before its end may have had its last checkpoint behind where the next one begins.
        Lsn flushed = end().flushed();
        return Lsn.min(flushed, Lsn.max(checkpointRedo().orElse(flushed), removing));
    }

    /**
     * Says that WAL before a position is about to be removed: {@link #reservable} goes no further back. Who has
     * reserved before has to be asked once more before {@link #removeBefore}.
     */
    public void announceRemoval(Lsn horizon) {
        removing = Lsn.max(removing, horizon);
    }

    /**
     * Removes segments before a position; tells how many. What recovery needs of the current timeline stays, whatever
     * the position: the timeline may have been switched since that was found. Any thread, one at a time.
     */
    public int removeBefore(Lsn horizon) throws IOException {
        synchronized (files) {
            return new ObsoleteSegments(directory)
                    .removeBefore(Lsn.min(horizon, recoveryHold().from()), end().history());
        }
    }

    /**
     * Makes files ready for segments to come, of removed ones as far as there are any, while there is room; gives them
     * up where there is none. Not on the upstream loop: it fills files with zeros.
     */
    public void prepareSegments() throws IOException {
        directory.spares().prepare(guard);
    }

    /** Has {@code listener} told, on the upstream loop, when {@link #prepareSegments} would find something to do. */
    public void onSegmentBegun(Runnable listener) {
        directory.spares().onTaken(listener);
    }

    /** What is done from time to time, on the maintenance thread: a part of what is stored is checked. */
    public void lookAfter() throws IOException {
        saveAcknowledged();
        directory.deleteDamaged();
        integrity.scrub();
        warm.forgetCold();
    }

    /** Without checks, what is acknowledged need not end with a record, and so tells nothing. */
    private synchronized void saveAcknowledged() throws IOException {
        WalEnd current = end;
        Acknowledged next = new Acknowledged(current.history().timeline(), current.flushedRecords());
        if (opener.verify() && !next.equals(saved)) {
            next.write(opener.storage(), opener.dataDirectory());
            saved = next;
        }
    }

    private DiskGuard guard(Supplier<DiskGuard.Limits> limits) {
        return new DiskGuard(opener.storage(), opener.wal(), directory.segmentSize(), limits);
    }

    /** Limits what the WAL may take of the disk, from now on; before WAL is received. */
    public void limitDisk(Supplier<DiskGuard.Limits> limits) {
        guard = guard(limits);
        writer.guard(guard);
    }

    /** Says whether there is room for more WAL. */
    public DiskGuard guard() {
        return guard;
    }

    /** Records that the upstream now runs another version of PostgreSQL. */
    public void serverVersion(ServerVersion version) throws IOException {
        if (!version.equals(control.serverVersion())) {
            keep(control.withServerVersion(version));
        }
    }

    /**
     * Goes on with the timeline that follows the current one. The segment of the switch point is begun under the new
     * timeline's name with the bytes both share, as a server does at promotion; WAL received beyond the switch point
     * stays in the old timeline's files. Where the switch point is in a segment that is not here any more, the new
     * timeline is received from that segment's start on. Called on the upstream loop, between two streams; blocks for
     * one segment's copy.
     *
     * @param next the new timeline's history; its switch point for the current timeline is at or before what is here
     */
    public void switchTimeline(TimelineHistory next) throws IOException {
        TimelineId old = end.history().timeline();
        Lsn switchPoint = next.switchPoint(old).orElseThrow();
        flusher.drain();
        if (end.flushed().isBefore(end.written())) {
            throw new IOException("WAL of timeline " + old + " could not be flushed");
        }
        directory.histories().keep(next);
        Lsn begin = SwitchPointSegment.begin(directory, integrity, old, next.timeline(), switchPoint);
        keep(control.withTimeline(next.timeline()));
        synchronized (files) {
            end = new WalEnd(next, begin);
        }
        writer.continueOn(end, stored(next));
        onWritten.forEach(Runnable::run);
        onFlushed.forEach(Runnable::run);
    }

    /** It counts when it is durable: what failed now must not be written by the way later. */
    private void keep(ControlFile next) throws IOException {
        next.write(opener.storage(), opener.dataDirectory());
        control = next;
    }

    /** Flushes what has been written and closes the files. The upstream loop writes no more. */
    @Override
    public void close() {
        writer.abandon();
        flusher.close();
        writer.closeSegment();
        directory.spares().close();
        try {
            saveAcknowledged();
        } catch (IOException e) {
            log.warn("could not write down what was acknowledged: {}", e.getMessage());
        }
    }
}
