package io.walrelay.proxy.wal;

import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.wal.WalFormat;
import io.walrelay.replication.wal.WalPageHeader;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * What a segment begins with of a record that began before it: {@code xlp_rem_len} of its first page.
 *
 * @param bytes of the record that are left; 0 where a record begins with the segment, or that cannot be told
 */
record RecordRest(long bytes) {
    static final RecordRest NONE = new RecordRest(0);
    static final RecordRest UNKNOWN = new RecordRest(Long.MAX_VALUE);

    /** Reads it; none if the segment is not here. */
    static RecordRest in(WalDirectory directory, WalFileName name) throws IOException {
        try {
            return directory
                    .firstPage(name)
                    .filter(WalPageHeader::firstIsContinued)
                    .map(page -> new RecordRest(page.remainingLength()))
                    .orElse(NONE);
        } catch (NoSuchFileException notHere) {
            return NONE;
        }
    }

    /** Whether the segment begins in the midst of a record. */
    boolean isAny() {
        return bytes > 0;
    }

    /** Whether it takes all of a segment, so that no record begins there. */
    boolean fills(WalSegmentSize size) {
        int pages = size.bytes() / WalFormat.PAGE_SIZE;
        int headers = WalPageHeader.LONG_LENGTH + (pages - 1) * WalPageHeader.SHORT_LENGTH;
        return bytes >= size.bytes() - headers;
    }
}
