package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.EndOfWal;
import io.walrelay.replication.wal.WalFormat;
import io.walrelay.replication.wal.WalFormatException;
import io.walrelay.replication.wal.WalStreamChecker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;

/**
 * Reads the WAL that is on disk as pages and records: that of one timeline, and before it that of its ancestors, as
 * {@code XLogFileReadAnyTLI} does. Not fast: for restarts and after failures.
 */
final class StoredWal {
    private final WalDirectory directory;
    private final WalFormat format;
    private final TimelineHistory history;
    private final TimelineId timeline;

    /** @param history of the timeline that is read */
    StoredWal(WalDirectory directory, WalFormat format, TimelineHistory history) {
        this.directory = directory;
        this.format = format;
        this.history = history;
        this.timeline = history.timeline();
    }

    /** Where valid WAL ends, reading from the start of a segment, and no further than {@code limit}. */
    EndOfWal findEnd(Lsn from, Lsn limit) throws IOException {
        try {
            return EndOfWal.find(
                    format, timeline, from, (page, target) -> page.isBefore(limit) && readPage(page, target));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** A checker that begins so far before {@code position} that it sees a whole record before it, if there is one. */
    WalStreamChecker checkerBefore(Lsn position) throws IOException {
        WalSegmentSize size = directory.segmentSize();
        boolean boundary = size.isBoundary(position);
        long number = size.segmentNumber(position);
        if (boundary && !directory.isHere(name(number - 1))) {
            return checkerOfSegment(position);
        }
        return new WalStreamChecker(format, timeline, recordStart(boundary ? number - 1 : number));
    }

    /** A checker that begins with the segment of {@code position}. */
    WalStreamChecker checkerOfSegment(Lsn position) {
        return new WalStreamChecker(format, timeline, directory.segmentSize().segmentStart(position));
    }

    /**
     * Shows a checker the WAL before {@code position}.
     *
     * @throws IOException if it cannot be read
     * @throws WalFormatException if it is not valid
     */
    void feed(WalStreamChecker checker, Lsn position) throws IOException {
        ByteBuf page = Unpooled.buffer(WalFormat.PAGE_SIZE, WalFormat.PAGE_SIZE);
        try {
            while (checker.position().isBefore(position)) {
                page.clear();
                boolean here = readPage(checker.position(), page);
                long wanted = Math.min(position.minus(checker.position()), WalFormat.PAGE_SIZE);
                if (!here || page.readableBytes() < wanted) {
                    throw new IOException("WAL at " + checker.position() + " on timeline " + timeline + " is not here");
                }
                checker.feed(page.readSlice((int) wanted));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * The start of the segment in which the record begins that this segment begins with: of this one, where one begins
     * with it, else of the newest before it that is not wholly within that record; no further back than WAL is here.
     */
    Lsn recordStart(long segmentNumber) throws IOException {
        long number = segmentNumber;
        boolean begunBefore = RecordRest.in(directory, name(number)).isAny();
        while (begunBefore && directory.isHere(name(number - 1))) {
            number--;
            begunBefore = RecordRest.in(directory, name(number)).fills(directory.segmentSize());
        }
        return directory.segmentSize().start(number);
    }

    /**
     * The newest timeline's file: a segment in which a timeline was left is stored whole under the name of the next.
     */
    private WalFileName name(long segmentNumber) {
        Lsn last = directory.segmentSize().start(segmentNumber + 1).plus(-1);
        return new WalFileName(history.timelineAt(last), segmentNumber);
    }

    private boolean readPage(Lsn page, ByteBuf target) {
        WalSegmentSize size = directory.segmentSize();
        try {
            WalSegment segment = directory.openToRead(name(size.segmentNumber(page)));
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
}
