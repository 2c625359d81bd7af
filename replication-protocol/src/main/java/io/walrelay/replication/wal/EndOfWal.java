package io.walrelay.replication.wal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.util.Optional;

/**
 * Where stored WAL ends: as PostgreSQL does after a crash, it reads on until something is missing or not valid. That a
 * file exists or is full-size proves nothing: behind the end there may be zeros, or old WAL of a recycled file.
 *
 * @param validEnd the end of the last valid record; the start of the first segment if there is none
 * @param incompleteRecord the record that begins there but is not all there, or not right; empty if there is no trace
 *     of one
 * @param reason what was met at the end, in PostgreSQL's words where it has some
 * @param reached up to where WAL was read when that was met: before the end of what is stored, it is damage or the end;
 *     there, WAL simply stops
 * @param checker stands at {@code validEnd} and is to be fed the WAL that comes to stand there
 */
public record EndOfWal(
        Lsn validEnd, Optional<Lsn> incompleteRecord, String reason, Lsn reached, WalStreamChecker checker) {
    /** Where pages are read from. */
    @FunctionalInterface
    public interface PageSource {
        /**
         * Appends the page that begins at {@code page} to {@code target}.
         *
         * @param page a multiple of {@value WalFormat#PAGE_SIZE}
         * @param target empty, with room for a page
         * @return whether there is such a page; if it is there in part, the part may be given, and is the last
         */
        boolean read(Lsn page, ByteBuf target);
    }

    /**
     * Finds the end.
     *
     * @param timeline the timeline the WAL is stored as
     * @param start a segment's start, from which on there is WAL
     * @throws IllegalArgumentException if {@code start} is no segment's start
     */
    public static EndOfWal find(WalFormat format, TimelineId timeline, Lsn start, PageSource source) {
        WalStreamChecker checker = new WalStreamChecker(format, timeline, start);
        String reason = readUntilEnd(checker, source);
        Optional<Lsn> incomplete = checker.incompleteRecord();
        Lsn reached = checker.position();
        checker.rewindToValidatedEnd();
        return new EndOfWal(checker.validatedEnd(), incomplete, reason, reached, checker);
    }

    private static String readUntilEnd(WalStreamChecker checker, PageSource source) {
        ByteBuf page = Unpooled.buffer(WalFormat.PAGE_SIZE, WalFormat.PAGE_SIZE);
        while (WalFormat.offsetInPage(checker.position().value()) == 0) {
            page.clear();
            if (!source.read(checker.position(), page) || !page.isReadable()) {
                break;
            }
            try {
                checker.feed(page);
            } catch (WalFormatException end) {
                return end.message();
            }
        }
        return "there is no WAL at " + checker.position();
    }
}
