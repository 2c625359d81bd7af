package io.walrelay.replication.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.util.Optional;

/**
 * Checks a stream of WAL as it comes, in pieces of any size, and knows up to where it is valid: every page header, every
 * record's length, resource manager, link to the record before, and checksum, by the rules of {@code xlogreader.c}. It
 * never holds a record, only two headers and a running checksum. A checker belongs to one thread; feeding it makes no
 * garbage.
 *
 * <pre>
 *                  +----------------------------------------------------------------------------+
 *                  v                                                                            |
 *   start --&gt; RECORD_HEADER --24 bytes--&gt; RECORD_BODY --all of it, checksum right--&gt; RECORD_END -+  (aligned)
 *     |            ^   ^                                                                |
 *     |            |   +-------- segment end -------- SWITCHED &lt;--- a switch record ----+
 *     +--&gt; UNSEEN_RECORD   the continuation of a record that began before the start: skipped
 * </pre>
 *
 * Between the bytes of any state a page boundary may lie; then the page's header is read and checked first. A header may
 * say that the record it interrupts was given up (page flag 0x8); then a new record begins behind it.
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

    /** No record yet: the first one's link can only be checked to point back. */
    private static final long UNKNOWN = 0;

    private final WalFormat format;
    private final WalPageCheck pageCheck;
    private final WalPageHeader page = new WalPageHeader();
    private final WalRecordHeader record = new WalRecordHeader();
    private final Crc32c crc = new Crc32c();

    private State state = State.RECORD_HEADER;
    private boolean inPageHeader = true;
    private boolean failed;
    private long position;
    /** Where the current record begins; of use in RECORD_HEADER (once it has bytes), RECORD_BODY and RECORD_END. */
    private long recordStart;
    /** Bytes to come of the record, without its header: in RECORD_BODY and UNSEEN_RECORD. */
    private long remaining;
    /** Where the last complete record begins. */
    private long previousRecord = UNKNOWN;

    private long validatedEnd;
    private int timelineAtValidatedEnd;

    /**
     * A checker for WAL from the start of a segment on.
     *
     * @param timeline the timeline the WAL is of; pages of its ancestors may come first
     * @throws IllegalArgumentException if {@code start} is no start of a segment: elsewhere nothing tells what comes next
     */
    public WalStreamChecker(WalFormat format, TimelineId timeline, Lsn start) {
        if (!format.segmentSize().isBoundary(start)) {
            throw new IllegalArgumentException(
                    "WAL can only be checked from the start of a segment, not from " + start);
        }
        this.format = format;
        this.pageCheck = new WalPageCheck(format, timeline);
        this.position = start.value();
        this.validatedEnd = start.value();
    }

    /** The position behind the last byte fed; after an error, somewhere before what showed it. */
    public Lsn position() {
        return new Lsn(position);
    }

    /**
     * The end of the last complete valid record, aligned as PostgreSQL has it ({@code EndRecPtr}); never beyond {@link
     * #position}. Behind a switch record the unused rest of the segment counts as part of it, as far as it was fed.
     */
    public Lsn validatedEnd() {
        return new Lsn(validatedEnd);
    }

    /** Whether the bytes fed end within a record, its alignment included. */
    public boolean isMidRecord() {
        return switch (state) {
            case RECORD_HEADER -> record.collected() > 0;
            case RECORD_BODY, RECORD_END, UNSEEN_RECORD -> true;
            case SWITCHED -> false;
        };
    }

    /** Where the record begins that the bytes fed end within; empty between records and if its beginning was not seen. */
    public Optional<Lsn> incompleteRecord() {
        return isMidRecord() && state != State.UNSEEN_RECORD ? Optional.of(new Lsn(recordStart)) : Optional.empty();
    }

    /**
     * Checks the WAL that follows what was fed before: all readable bytes of {@code wal}, whose indices stay as they are.
     *
     * @throws WalFormatException at the first thing that is wrong; then {@link #validatedEnd} tells what is good, and
     *     nothing more can be fed until {@link #rewindToValidatedEnd}
     */
    public void feed(ByteBuf wal) {
        if (failed) {
            throw new IllegalStateException("invalid WAL was found at " + position());
        }
        try {
            int index = wal.readerIndex();
            while (index < wal.writerIndex()) {
                index += inPageHeader ? pageHeader(wal, index) : withinPage(wal, index);
            }
        } catch (WalFormatException e) {
            failed = true;
            throw e;
        }
    }

    /** Forgets what was fed behind {@link #validatedEnd}: WAL is to be fed again from there on, which may differ. */
    public void rewindToValidatedEnd() {
        failed = false;
        position = validatedEnd;
        pageCheck.resetLatestTimeline(timelineAtValidatedEnd);
        if (state != State.SWITCHED) {
            toRecordHeader();
        }
        enterPage();
    }

    private int pageHeader(ByteBuf wal, int index) {
        int taken = page.collect(wal, index, wal.writerIndex() - index);
        if (page.isComplete()) {
            long pageStart = position + taken - page.length();
            pageCheck.check(page, pageStart);
            checkContinuation(pageStart);
            inPageHeader = false;
        }
        position += taken;
        if (state == State.SWITCHED && !inPageHeader) {
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
            if (previousRecord != UNKNOWN) {
                Lsn next = new Lsn(pageStart + page.length());
                throw new WalFormatException(next.value(), "contrecord is requested by " + next);
            }
            remaining = page.remainingLength();
            if (remaining > 0) {
                state = State.UNSEEN_RECORD;
            }
        }
    }

    private void checkRemainingLength(long pageStart) {
        long at = state == State.UNSEEN_RECORD ? pageStart : recordStart;
        if (!page.firstIsContinued()) {
            throw new WalFormatException(at, "there is no contrecord flag at " + new Lsn(at));
        }
        long expected = state == State.RECORD_HEADER ? record.totalLength() - record.collected() : remaining;
        if (page.remainingLength() == 0 || page.remainingLength() != expected) {
            throw new WalFormatException(
                    at,
                    "invalid contrecord length " + page.remainingLength() + " (expected " + expected + ") at "
                            + new Lsn(at));
        }
    }

    private int withinPage(ByteBuf wal, int index) {
        int available = (int) Math.min(wal.writerIndex() - index, bytesToBoundary());
        switch (state) {
            case RECORD_HEADER -> available = recordHeader(wal, index, available);
            case RECORD_BODY -> recordBody(wal, index, available);
            case UNSEEN_RECORD -> remaining -= Math.min(available, remaining);
            case RECORD_END, SWITCHED -> {}
        }
        position += available;
        leaveEndedState();
        enterPage();
        return available;
    }

    /** Up to where the state can go on: to the end of its bytes, or to a page header. */
    private long bytesToBoundary() {
        int page = WalFormat.PAGE_SIZE - WalFormat.offsetInPage(position);
        return switch (state) {
            case RECORD_HEADER -> page;
            case RECORD_BODY -> Math.min(page, remaining);
            case RECORD_END -> WalFormat.bytesToAlignment(position);
            case UNSEEN_RECORD -> remaining > 0 ? Math.min(page, remaining) : WalFormat.bytesToAlignment(position);
            case SWITCHED -> format.magic().hasPageHeadersBehindSwitch() ? page : bytesToSegmentEnd();
        };
    }

    private void leaveEndedState() {
        boolean aligned = WalFormat.bytesToAlignment(position) == 0;
        switch (state) {
            case RECORD_HEADER, RECORD_BODY -> {}
            case RECORD_END -> {
                if (aligned) {
                    recordComplete();
                }
            }
            case UNSEEN_RECORD -> {
                if (remaining == 0 && aligned) {
                    toRecordHeader();
                }
            }
            case SWITCHED -> validated();
        }
        if (state == State.SWITCHED
                && bytesToSegmentEnd() == format.segmentSize().bytes()) {
            toRecordHeader();
        }
    }

    private void recordComplete() {
        previousRecord = recordStart;
        validated();
        if (record.isSwitch()) {
            state = State.SWITCHED;
        } else {
            toRecordHeader();
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
        inPageHeader = hasHeader && WalFormat.offsetInPage(position) == 0;
        if (inPageHeader) {
            page.clear();
        }
    }

    private long bytesToSegmentEnd() {
        return format.segmentSize().bytes() - (position & (format.segmentSize().bytes() - 1));
    }

    private int recordHeader(ByteBuf wal, int index, int available) {
        if (record.collected() == 0) {
            recordStart = position;
        }
        int taken = record.collect(wal, index, available, WalRecordHeader.LENGTH);
        if (record.collected() >= WalRecordHeader.TOTAL_LENGTH_END && record.totalLength() < WalRecordHeader.LENGTH) {
            throw noRecord("invalid record length at %s: expected at least " + WalRecordHeader.LENGTH + ", got "
                    + record.totalLength());
        }
        if (record.collected() == WalRecordHeader.LENGTH) {
            checkRecordHeader();
            crc.reset();
            remaining = record.totalLength() - WalRecordHeader.LENGTH;
            state = State.RECORD_BODY;
            if (remaining == 0) {
                checkSum();
            }
        }
        return taken;
    }

    private void recordBody(ByteBuf wal, int index, int available) {
        crc.update(wal, index, available);
        remaining -= available;
        if (remaining == 0) {
            checkSum();
        }
    }

    private void checkRecordHeader() {
        if (!format.magic().isResourceManager(record.resourceManager())) {
            throw noRecord("invalid resource manager ID " + record.resourceManager() + " at %s");
        }
        boolean linked = previousRecord == UNKNOWN
                ? Long.compareUnsigned(record.previousBits(), recordStart) < 0
                : record.previousBits() == previousRecord;
        if (!linked) {
            throw noRecord("record with incorrect prev-link " + record.previous() + " at %s");
        }
    }

    /** What stands where the next record should begin is none: old bytes, or zeros. */
    private WalFormatException noRecord(String message) {
        toRecordHeader();
        return new WalFormatException(recordStart, message.replace("%s", new Lsn(recordStart).toString()));
    }

    private void checkSum() {
        record.addTo(crc);
        if (crc.value() != record.crc()) {
            throw new WalFormatException(
                    recordStart, "incorrect resource manager data checksum in record at " + new Lsn(recordStart));
        }
        state = State.RECORD_END;
    }
}
