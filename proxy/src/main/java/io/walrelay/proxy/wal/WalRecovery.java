package io.walrelay.proxy.wal;

import io.walrelay.proxy.wal.WalDirectory.StoredSegment;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.EndOfWal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds where receiving goes on after a restart: where valid WAL ends, as its records tell.
 *
 * <p>A segment under its final name was received and flushed to its last byte, so what is to be found out is how much
 * of the partial one behind it is there; or ones, since a program that is killed leaves full segments that the flusher
 * had not come to yet. A record that the crash cut off is received again from its beginning, unless it
 * began in a complete segment: then from the partial segment's start, for the upstream may keep no more than that.
 * Either is a place where a message may end.
 */
final class WalRecovery {
    private static final Logger log = LoggerFactory.getLogger(WalRecovery.class);

    /** Beyond all WAL. */
    private static final Lsn NO_LIMIT = new Lsn(-1);

    private final WalDirectory directory;
    private final StoredWal stored;
    private final TimelineHistory history;
    private final Optional<Lsn> acknowledged;

    /** @param acknowledged up to where WAL of this timeline had been acknowledged, at least, if that is known */
    WalRecovery(WalDirectory directory, StoredWal stored, TimelineHistory history, Optional<Lsn> acknowledged) {
        this.acknowledged = acknowledged;
        this.directory = directory;
        this.stored = stored;
        this.history = history;
    }

    /**
     * Where receiving goes on.
     *
     * @param records where the last whole record ends that is here; {@code position}, unless a record began in a
     *     complete segment
     */
    record Resume(Lsn position, Lsn records) {}

    /**
     * Finds the position, and clears what a crash left behind it.
     *
     * @return empty if no WAL of the timeline is here
     * @throws IOException if a file cannot be read
     */
    Optional<Resume> resume() throws IOException {
        List<StoredSegment> segments = directory.segments(history.timeline());
        if (segments.isEmpty()) {
            return endOfParent();
        }
        Resume resume = resumeAfter(segments);
        if (acknowledged.filter(resume.records::isBefore).isPresent()) {
            reportLost(acknowledged.get(), resume);
        }
        completeBefore(resume.position, segments.subList(firstPartial(segments), segments.size()));
        clearBehind(resume.position);
        directory.sync();
        return Optional.of(resume);
    }

    /** The timeline was switched to at a segment's start, and nothing of it has been received yet. */
    private Optional<Resume> endOfParent() throws IOException {
        if (history.ancestors().isEmpty()) {
            return Optional.empty();
        }
        TimelineHistory.Entry parent = history.ancestors().getLast();
        return directory.segments(parent.timeline()).isEmpty()
                ? Optional.empty()
                : Optional.of(new Resume(parent.switchPoint(), parent.switchPoint()));
    }

    private Resume resumeAfter(List<StoredSegment> segments) throws IOException {
        StoredSegment newest = newest(segments);
        Lsn complete = newest.complete() ? end(newest) : start(newest);
        Lsn from = stored.recordStart(newest.name().segmentNumber());
        EndOfWal end = stored.findEnd(from, NO_LIMIT);
        log.info("valid WAL on timeline {} ends at {}: {}", history.timeline(), end.validEnd(), end.reason());
        if (end.validEnd().isBefore(complete)) {
            return resumeBehind(from, complete, end.validEnd());
        }
        return new Resume(end.validEnd(), end.validEnd());
    }

    /**
     * The last valid record ends before the last of the complete segments does: it is followed by one that a crash cut
     * off, or damage. What is behind the segment may be good, and the segment is mended by itself (WalIntegrity).
     */
    private Resume resumeBehind(Lsn from, Lsn complete, Lsn validEnd) throws IOException {
        EndOfWal within = stored.findEnd(from, complete);
        if (!within.reached().isBefore(complete)) {
            return new Resume(complete, validEnd);
        }
        log.error("WAL that was received and flushed is damaged: {}", within.reason());
        Lsn behind = stored.findEnd(complete, NO_LIMIT).validEnd();
        return new Resume(behind, behind.isAfter(complete) ? behind : validEnd);
    }

    private void reportLost(Lsn end, Resume resume) {
        WalFileName name =
                new WalFileName(history.timeline(), directory.segmentSize().segmentNumber(resume.records));
        log.error(
                "WAL that was acknowledged up to {} is damaged or missing: it is valid only up to {}, in file"
                        + " \"pg_wal/{}\"\nDETAIL:  It is received again from the upstream, from {} on.",
                end,
                resume.records,
                name.format(directory.segmentSize()),
                resume.position);
        try {
            directory.keepDamaged(
                    new WalFileName(history.timeline(), directory.segmentSize().segmentNumber(resume.position)));
        } catch (IOException e) {
            log.warn("could not keep a copy of damaged WAL: {}", e.getMessage());
        }
    }

    /**
     * Where the partial segments behind the newest complete one begin. All before that one are there: the flusher names
     * them in order. But a crash may have lost a partial one, and left one behind it.
     */
    private static int firstPartial(List<StoredSegment> segments) {
        int index = segments.size();
        while (index > 0 && !segments.get(index - 1).complete()) {
            index--;
        }
        return index;
    }

    /** The partial segment that WAL goes on in behind the complete ones, or else the last of these. */
    private static StoredSegment newest(List<StoredSegment> segments) {
        int partial = firstPartial(segments);
        boolean goesOn = partial < segments.size()
                && (partial == 0 || areConsecutive(segments.get(partial - 1), segments.get(partial)));
        return segments.get(goesOn ? partial : partial - 1);
    }

    private static boolean areConsecutive(StoredSegment first, StoredSegment second) {
        return first.name().segmentNumber() + 1 == second.name().segmentNumber();
    }

    private Lsn start(StoredSegment segment) {
        return directory.segmentSize().start(segment.name().segmentNumber());
    }

    private Lsn end(StoredSegment segment) {
        return start(segment).plus(directory.segmentSize().bytes());
    }

    /** Does the flusher's work on segments that were full; removes those behind the end, of which nothing counts. */
    private void completeBefore(Lsn resume, List<StoredSegment> partials) throws IOException {
        for (StoredSegment segment : partials) {
            if (start(segment).isAfter(resume)) {
                clearAway(segment);
            } else if (!end(segment).isAfter(resume)) {
                completeFull(segment.name());
            }
        }
    }

    /**
     * None of it was acknowledged if this program has written it: it acknowledges nothing behind a segment that has not
     * got its final name. But who has lost a segment otherwise may have nothing but this.
     */
    private void clearAway(StoredSegment segment) throws IOException {
        if (directory.isWritten(segment.name(), 0)) {
            String aside = directory.putAside(segment);
            log.warn("WAL behind a gap cannot be used, it was put aside as \"{}\"", aside);
        } else {
            directory.delete(segment);
        }
    }

    private void completeFull(WalFileName name) throws IOException {
        WalSegment full = directory.openPartial(name).orElseThrow();
        try {
            full.file().sync();
            directory.complete(full);
        } finally {
            full.release();
        }
    }

    /** A partial segment is zeros behind its end, so that what a crash left there is never taken for WAL. */
    private void clearBehind(Lsn end) throws IOException {
        WalSegmentSize size = directory.segmentSize();
        Optional<WalSegment> partial =
                directory.openPartial(new WalFileName(history.timeline(), size.segmentNumber(end)));
        if (partial.isPresent()) {
            try {
                WalDirectory.fillWithZeros(partial.get().file(), size.offset(end), size.bytes());
                partial.get().file().sync();
            } finally {
                partial.get().release();
            }
        }
    }
}
