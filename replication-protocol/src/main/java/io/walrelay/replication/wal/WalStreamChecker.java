package io.walrelay.replication.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks a stream of WAL as it comes, in pieces of any size, and knows up to where it is valid: every page header,
 * every record's length, resource manager, link to the record before, and checksum, by the rules of {@code
 * xlogreader.c}. It never holds a record, only two headers and a running checksum. A checker belongs to one thread;
 * feeding it makes no garbage.
 *
 * <pre>
 *   start --&gt; UNSEEN_RECORD    the rest of a record that began before the start: skipped
 *     |             v
 *     +------&gt; RECORD_HEADER &lt;-------------------------------------+--------------+
 *                   | all of it, and right                         |              | segment end
 *                   v                                    any other |              |
 *              RECORD_BODY ---- all of it, checksum right ----&gt; RECORD_END --&gt; SWITCHED
 *                                                                 aligned   a switch record
 * </pre>
 *
 * Between the bytes of any state a page boundary may lie; then the page's header is read and checked first. A header
 * may say that the record it interrupts was given up (page flag 0x8); then a new record begins behind it.
 *
 * <p>What is behind a switch record is not looked at, except for the page headers that 10 leaves there. The beginning
 * of a skipped record is unknown, and so its checksum: {@link #validatedEnd} stays at the start until the first record
 * was seen as a whole.
 */
public final class WalStreamChecker {
    /** An enum, not a family of records: it changes several times per record, and must not make garbage. */
    private enum State {
        RECORD_HEADER,
        RECORD_BODY,
        RECORD_END,
        SWITCHED,
        UNSEEN_RECORD
    }

    /** Which part of a page the next byte belongs to; a page boundary may interrupt any state. */
    private enum Part {
        PAGE_HEADER,
        PAGE_BODY
    }

    private final WalFormat format;
    private final WalPageCheck pageCheck;
    private final WalPageHeader page = new WalPageHeader();
    private final WalRecordCheck record;

    private State state = State.RECORD_HEADER;
    private Part part = Part.PAGE_HEADER;
    private @Nullable WalFormatException failure;
    private long position;
    /** Bytes to come in UNSEEN_RECORD. */
    private long unseen;

    private long validatedEnd;
    private int timelineAtValidatedEnd;

    /**
     * A checker for WAL from the start of a segment on.
     *
     * @param timeline the timeline the WAL is of; pages of its ancestors may come first
     * @throws IllegalArgumentException if {@code start} is no start of a segment: elsewhere nothing tells what comes
     *     next
     */
    public WalStreamChecker(WalFormat format, TimelineId timeline, Lsn start) {
        if (!format.segmentSize().isBoundary(start)) {
            throw new IllegalArgumentException(
                    "WAL can only be checked from the start of a segment, not from " + start);
        }
        this.format = format;
        this.pageCheck = new WalPageCheck(format, timeline);
        this.record = new WalRecordCheck(format.magic());
        this.position = start.value();
        this.validatedEnd = start.value();
    }

    /** The position behind the last byte fed; after an error, somewhere near what showed it. */
    public Lsn position() {
        return new Lsn(position);
    }

    /** Whether {@link #position()} has that value. */
    public boolean isAt(long value) {
        return position == value;
    }

    /**
     * The end of the last complete valid record, aligned as PostgreSQL has it ({@code EndRecPtr}); never beyond {@link
     * #position}. Behind a switch record the unused rest of the segment counts as part of it, as far as it was fed.
     */
    public Lsn validatedEnd() {
        return new Lsn(validatedEnd);
    }

    /** The value of {@link #validatedEnd()}, for who asks for each message. */
    public long validatedEndValue() {
        return validatedEnd;
    }

    /** Whether the bytes fed end within a record, its alignment included. */
    public boolean isMidRecord() {
        return switch (state) {
            case RECORD_HEADER -> record.isBegun();
            case RECORD_BODY, RECORD_END, UNSEEN_RECORD -> true;
            case SWITCHED -> false;
        };
    }

    /**
     * Where the record begins that the bytes fed end within; empty between records and if its beginning was not seen.
     */
    public Optional<Lsn> incompleteRecord() {
        return isMidRecord() && state != State.UNSEEN_RECORD ? Optional.of(new Lsn(record.start())) : Optional.empty();
    }

    /**
     * Where the newest checkpoint among the records seen would begin to replay: WAL from there on is what a server
     * keeps for itself, and what a new base backup begins with. Empty if none was seen.
     */
    public Optional<Lsn> checkpointRedo() {
        return Optional.of(new Lsn(checkpointRedoValue())).filter(Lsn::isValid);
    }

    /** The value of {@link #checkpointRedo()}, for who asks for each message; 0 if none was seen. */
    public long checkpointRedoValue() {
        return record.checkpointRedo();
    }

    /**
     * Checks the WAL that follows what was fed before: all readable bytes of {@code wal}, whose indices stay as they
     * are.
     *
     * @throws WalFormatException at the first thing that is wrong; then {@link #validatedEnd} tells what is good, and
     *     nothing more can be fed until {@link #rewindToValidatedEnd}
     */
    public void feed(ByteBuf wal) {
        feed(wal, wal.readerIndex(), wal.readableBytes());
    }

    /** As {@link #feed(ByteBuf)}, for a part of a buffer. */
    public void feed(ByteBuf wal, int index, int length) {
        if (failure != null) {
            throw new IllegalStateException("WAL that follows invalid WAL cannot be checked", failure);
        }
        try {
            if (wal.nioBufferCount() == 1) {
                feed(wal.internalNioBuffer(index, length));
            } else {
                for (ByteBuffer piece : wal.nioBuffers(index, length)) {
                    feed(piece);
                }
            }
        } catch (WalFormatException e) {
            failure = e;
            throw e;
        }
    }

    private void feed(ByteBuffer wal) {
        int index = wal.position();
        while (index < wal.limit()) {
            index += part == Part.PAGE_HEADER ? pageHeader(wal, index) : pageBody(wal, index);
        }
    }

    /** Forgets what was fed behind {@link #validatedEnd}: WAL is to be fed again from there on, which may differ. */
    public void rewindToValidatedEnd() {
        failure = null;
        position = validatedEnd;
        pageCheck.resetLatestTimeline(timelineAtValidatedEnd);
        if (state != State.SWITCHED) {
            toRecordHeader();
        }
        enterPage();
    }

    private int pageHeader(ByteBuffer wal, int index) {
        int taken = page.collect(wal, index, wal.limit() - index);
        if (page.isComplete()) {
            long pageStart = position + taken - page.length();
            pageCheck.check(page, pageStart);
            checkContinuation(pageStart);
            part = Part.PAGE_BODY;
        }
        position += taken;
        if (state == State.SWITCHED && part == Part.PAGE_BODY) {
            validated();
        }
        return taken;
    }

    /** Whether the page's header goes with what came before it. */
    private void checkContinuation(long pageStart) {
        if (isMidRecord()) {
            if (page.firstIsOverwritten()) {
                toRecordHeader();
            } else {
                checkRemainingLength(pageStart);
            }
        } else if (page.firstIsContinued() && state == State.RECORD_HEADER) {
            if (record.hasPrevious()) {
                Lsn next = new Lsn(pageStart + page.length());
                throw new WalFormatException(next.value(), "contrecord is requested by " + next);
            }
            unseen = page.remainingLength();
            if (unseen > 0) {
                state = State.UNSEEN_RECORD;
            }
        }
    }

    private void checkRemainingLength(long pageStart) {
        boolean isUnseen = state == State.UNSEEN_RECORD;
        long at = isUnseen ? pageStart : record.start();
        if (!page.firstIsContinued()) {
            throw new WalFormatException(at, "there is no contrecord flag at " + new Lsn(at));
        }
        long expected = isUnseen ? unseen : record.toCome();
        if (page.remainingLength() == 0 || page.remainingLength() != expected) {
            throw new WalFormatException(
                    at,
                    "invalid contrecord length " + page.remainingLength() + " (expected " + expected + ") at "
                            + new Lsn(at));
        }
    }

    private int pageBody(ByteBuffer wal, int index) {
        int whole = state == State.RECORD_HEADER ? wholeRecords(wal, index) : 0;
        return whole > 0 ? whole : parts(wal, index);
    }

    /**
     * Takes the records that lie here as a whole, as nearly all do, without a step for each of their parts. What is not
     * such a record, or not as it should be, is left: {@link #parts} finds out what it is. Tells how many bytes it
     * took.
     */
    private int wholeRecords(ByteBuffer wal, int index) {
        int end = index + Math.min(wal.limit() - index, WalFormat.PAGE_SIZE - WalFormat.offsetInPage(position));
        int at = index;
        for (int length; (length = record.whole(wal, at, end - at, position)) > 0; at += length) {
            position += length;
        }
        if (at > index) {
            validated();
            enterPage();
        }
        return at - index;
    }

    private int parts(ByteBuffer wal, int index) {
        int taken = (int) Math.min(wal.limit() - index, bytesToBoundary());
        switch (state) {
            case RECORD_HEADER -> taken = record.header(wal, index, taken, position);
            case RECORD_BODY -> record.body(wal, index, taken);
            case UNSEEN_RECORD -> unseen -= Math.min(taken, unseen);
            case RECORD_END, SWITCHED -> {}
        }
        position += taken;
        leaveEndedState();
        enterPage();
        return taken;
    }

    /** Up to where the state can go on: to the end of its bytes, or to a page header. */
    private long bytesToBoundary() {
        int toPageEnd = WalFormat.PAGE_SIZE - WalFormat.offsetInPage(position);
        return switch (state) {
            case RECORD_HEADER -> toPageEnd;
            case RECORD_BODY -> Math.min(toPageEnd, record.toCome());
            case RECORD_END -> WalFormat.bytesToAlignment(position);
            case UNSEEN_RECORD -> unseen > 0 ? Math.min(toPageEnd, unseen) : WalFormat.bytesToAlignment(position);
            case SWITCHED -> format.magic().hasPageHeadersBehindSwitch() ? toPageEnd : bytesToSegmentEnd();
        };
    }

    private long bytesToSegmentEnd() {
        return format.segmentSize().bytes() - (position & (format.segmentSize().bytes() - 1));
    }

    private void leaveEndedState() {
        if (state == State.RECORD_HEADER && record.isHeaderComplete()) {
            state = State.RECORD_BODY;
        }
        if (state == State.RECORD_BODY && record.toCome() == 0) {
            record.checkSum();
            state = State.RECORD_END;
        }
        boolean aligned = WalFormat.bytesToAlignment(position) == 0;
        if (state == State.RECORD_END && aligned) {
            record.complete();
            validated();
            if (record.isSwitch()) {
                state = State.SWITCHED;
            } else {
                toRecordHeader();
            }
        }
        if (state == State.UNSEEN_RECORD && unseen == 0 && aligned) {
            toRecordHeader();
        }
        if (state == State.SWITCHED) {
            validated();
            if (bytesToSegmentEnd() == format.segmentSize().bytes()) {
                toRecordHeader();
            }
        }
    }

    private void validated() {
        validatedEnd = position;
        timelineAtValidatedEnd = pageCheck.latestTimeline();
    }

    private void toRecordHeader() {
        state = State.RECORD_HEADER;
        record.clear();
    }

    /** At a page's start, expects its header, unless it is one of those without. */
    private void enterPage() {
        boolean hasHeader = state != State.SWITCHED || format.magic().hasPageHeadersBehindSwitch();
        part = hasHeader && WalFormat.offsetInPage(position) == 0 ? Part.PAGE_HEADER : Part.PAGE_BODY;
        if (part == Part.PAGE_HEADER) {
            page.clear();
        }
    }
}
