package io.walrelay.replication.wal;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import java.util.Locale;

/** What has to hold for every page header, in PostgreSQL's order ({@code XLogReaderValidatePageHeader}). */
final class WalPageCheck {
    private final WalFormat format;
    private final TimelineId timeline;
    private int latestTimeline;

    /** Checks pages of WAL that is streamed, or stored, as that of {@code timeline}. */
    WalPageCheck(WalFormat format, TimelineId timeline) {
        this.format = format;
        this.timeline = timeline;
    }

    /** The timeline of the page checked last; 0 before the first. */
    int latestTimeline() {
        return latestTimeline;
    }

    void resetLatestTimeline(int latest) {
        latestTimeline = latest;
    }

    void check(WalPageHeader header, long position) {
        if (header.magic() != format.magic().value()) {
            throw invalid(String.format(Locale.ROOT, "invalid magic number %04X", header.magic()), position);
        }
        boolean unknownFlags = (header.info() & ~WalPageHeader.ALL_FLAGS) != 0;
        boolean first = (position & (format.segmentSize().bytes() - 1)) == 0;
        if (unknownFlags || (first && !header.isLong())) {
            throw invalid(String.format(Locale.ROOT, "invalid info bits %04X", header.info()), position);
        }
        if (header.isLong()) {
            checkCluster(header, position);
        }
        if (header.pageAddressBits() != position) {
            throw invalid("unexpected pageaddr " + header.pageAddress(), position);
        }
        checkTimeline(header, position);
    }

    private void checkCluster(WalPageHeader header, long position) {
        String other = "WAL file is from different database system: ";
        if (header.systemIdentifierBits() != format.systemIdentifier().value()) {
            throw new WalFormatException(
                    position,
                    other + "WAL file database system identifier is " + header.systemIdentifier()
                            + ", pg_control database system identifier is " + format.systemIdentifier());
        }
        if (header.segmentSize() != format.segmentSize().bytes()) {
            throw new WalFormatException(position, other + "incorrect segment size in page header");
        }
        if (header.pageSize() != WalFormat.PAGE_SIZE) {
            throw new WalFormatException(position, other + "incorrect XLOG_BLCKSZ in page header");
        }
    }

    /** A page's timeline is that of its first byte's origin: an ancestor's, then never an older one again. */
    private void checkTimeline(WalPageHeader header, long position) {
        if (Integer.compareUnsigned(header.timeline(), latestTimeline) < 0) {
            throw invalid(
                    "out-of-sequence timeline ID " + Integer.toUnsignedString(header.timeline()) + " (after "
                            + Integer.toUnsignedString(latestTimeline) + ")",
                    position);
        }
        if (header.timeline() == 0 || Integer.compareUnsigned(header.timeline(), timeline.value()) > 0) {
            throw invalid("unexpected timeline ID " + Integer.toUnsignedString(header.timeline()), position);
        }
        latestTimeline = header.timeline();
    }

    private WalFormatException invalid(String what, long position) {
        Lsn lsn = new Lsn(position);
        WalFileName file = new WalFileName(timeline, format.segmentSize().segmentNumber(lsn));
        return new WalFormatException(
                position,
                what + " in WAL segment " + file.format(format.segmentSize()) + ", LSN " + lsn + ", offset "
                        + format.segmentSize().offset(lsn));
    }
}
