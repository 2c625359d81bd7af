package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.proxy.wal.WalDirectory.StoredSegment;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.EndOfWal;
import io.walrelay.replication.wal.WalFormat;
import io.walrelay.replication.wal.WalPageHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds where receiving goes on after a restart: where valid WAL ends, as its records tell.
 *
 * <p>A segment under its final name was received and flushed to its last byte, so what is to be found out is how much of
 * the partial one behind it is there. A record that the crash cut off is received again from its beginning, unless it
 * began in a complete segment: then from the partial segment's start, for the upstream may keep no more than that.
 * Either is a place where a message may end.
 */
final class WalRecovery {
    private static final Logger log = LoggerFactory.getLogger(WalRecovery.class);

    private final WalDirectory directory;
    private final WalFormat format;
    private final TimelineHistory history;

    WalRecovery(WalDirectory directory, WalFormat format, TimelineHistory history) {
        this.directory = directory;
        this.format = format;
        this.history = history;
    }

    /**
     * Finds the position, and clears what a crash left behind it.
     *
     * @return empty if no WAL of the timeline is here
     * @throws IOException if a complete segment does not hold valid WAL, or a file cannot be read
     */
    Optional<Lsn> resume() throws IOException {
        List<StoredSegment> segments = directory.segments(history.timeline());
        if (segments.isEmpty()) {
            return endOfParent();
        }
        try {
            Lsn resume = resumeAfter(segments);
            clearBehind(resume);
            return Optional.of(resume);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The timeline was switched to at a segment's start, and nothing of it has been received yet. */
    private Optional<Lsn> endOfParent() throws IOException {
        if (history.ancestors().isEmpty()) {
            return Optional.empty();
        }
        TimelineHistory.Entry parent = history.ancestors().getLast();
        return directory.segments(parent.timeline()).isEmpty() ? Optional.empty() : Optional.of(parent.switchPoint());
    }

    private Lsn resumeAfter(List<StoredSegment> segments) throws IOException {
        WalSegmentSize size = directory.segmentSize();
        StoredSegment newest = segments.getLast();
        Lsn newestStart = size.start(newest.name().segmentNumber());
        Lsn complete = newest.complete() ? newestStart.plus(size.bytes()) : newestStart;
        Lsn from = recordStartBefore(segments);
        EndOfWal end = EndOfWal.find(format, history.timeline(), from, this::readPage);
        log.info("valid WAL on timeline {} ends at {}: {}", history.timeline(), end.validEnd(), end.reason());
        if (end.validEnd().isBefore(complete)) {
            requireValid(from, complete);
            return complete;
        }
        return end.validEnd();
    }

    /** The start of the newest segment that does not begin in the midst of a record, as far back as there are segments. */
    private Lsn recordStartBefore(List<StoredSegment> segments) throws IOException {
        int index = segments.size() - 1;
        while (index > 0
                && follows(segments.get(index), segments.get(index - 1))
                && continuesRecord(segments.get(index))) {
            index--;
        }
        return directory.segmentSize().start(segments.get(index).name().segmentNumber());
    }

    private static boolean follows(StoredSegment segment, StoredSegment before) {
        return before.complete()
                && before.name().segmentNumber() + 1 == segment.name().segmentNumber();
    }

    private boolean continuesRecord(StoredSegment segment) throws IOException {
        ByteBuf page = Unpooled.buffer(WalFormat.PAGE_SIZE);
        Lsn start = directory.segmentSize().start(segment.name().segmentNumber());
        return readPage(start, page)
                && page.readableBytes() >= WalPageHeader.LONG_LENGTH
                && new WalPageHeader().read(page, 0).firstIsContinued();
    }

    /** All of the complete segments is good, but for a record that goes on behind them. */
    private void requireValid(Lsn from, Lsn complete) throws IOException {
        EndOfWal end = EndOfWal.find(
                format, history.timeline(), from, (page, target) -> page.isBefore(complete) && readPage(page, target));
        if (end.reached().isBefore(complete)) {
            throw new IOException("WAL that was received and flushed is damaged: " + end.reason());
        }
    }

    private boolean readPage(Lsn page, ByteBuf target) {
        WalSegmentSize size = directory.segmentSize();
        WalFileName name = new WalFileName(history.timeline(), size.segmentNumber(page));
        try {
            WalSegment segment = directory.openToRead(name);
            try {
                int read = segment.file().read(size.offset(page), target.nioBuffer(0, WalFormat.PAGE_SIZE));
                target.setIndex(0, read);
                return read > 0;
            } finally {
                segment.release();
            }
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
