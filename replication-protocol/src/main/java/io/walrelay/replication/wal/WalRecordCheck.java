package io.walrelay.replication.wal;

import io.walrelay.replication.Lsn;
import java.nio.ByteBuffer;

/**
 * What has to hold for every record: {@code ValidXLogRecordHeader} and {@code ValidXLogRecord} of {@code xlogreader.c},
 * for a record that comes in pieces and is never held as a whole.
 */
final class WalRecordCheck {
    /** No record yet: the first one's link can only be checked to point back. */
    private static final long UNKNOWN = 0;

    private final WalPageMagic magic;
    private final WalRecordHeader header = new WalRecordHeader();
    private final Crc32c crc = new Crc32c();

    private final CheckpointRedo checkpoint = new CheckpointRedo();

    private long start;
    private long bodyToCome;
    private long previousStart = UNKNOWN;

    WalRecordCheck(WalPageMagic magic) {
        this.magic = magic;
    }

    /** Makes ready for a record; one that was begun is forgotten. */
    void clear() {
        header.clear();
    }

    /** Whether there was a byte of the record. */
    boolean isBegun() {
        return header.collected() > 0;
    }

    /** Where the record begins, once it is begun. */
    long start() {
        return start;
    }

    /** Whether a record was complete before this one. */
    boolean hasPrevious() {
        return previousStart != UNKNOWN;
    }

    boolean isSwitch() {
        return header.isSwitch();
    }

    /** Bytes of the record still to come, without alignment, once its length was read. */
    long toCome() {
        return isHeaderComplete() ? bodyToCome : header.totalLength() - header.collected();
    }

    boolean isHeaderComplete() {
        return header.collected() == WalRecordHeader.LENGTH;
    }

    /**
     * Takes a record that begins at {@code position} if it lies here as a whole and is valid; tells how many bytes it
     * has, with those that align the next one. 0 for anything else, of which nothing is taken: also where a record is
     * begun already, or none was complete before, and for those of the resource manager that has switches and
     * checkpoints.
     */
    int whole(ByteBuffer wal, int index, int available, long position) {
        if (available < WalRecordHeader.LENGTH || isBegun() || !hasPrevious()) {
            return 0;
        }
        int length = WalRecordHeader.totalLength(wal, index);
        int resourceManager = WalRecordHeader.resourceManager(wal, index);
        if (length < WalRecordHeader.LENGTH
                || length > available - WalFormat.bytesToAlignment(length)
                || WalRecordHeader.previous(wal, index) != previousStart
                || resourceManager == WalRecordHeader.RM_XLOG
                || !magic.isResourceManager(resourceManager)) {
            return 0;
        }
        crc.reset();
        crc.update(wal, index + WalRecordHeader.LENGTH, length - WalRecordHeader.LENGTH);
        crc.update(wal, index, WalRecordHeader.CRC_OFFSET);
        if (crc.value() != WalRecordHeader.crc(wal, index)) {
            return 0;
        }
        previousStart = position;
        return length + WalFormat.bytesToAlignment(length);
    }

    /** Takes bytes of the header, which are at {@code position}; tells how many. */
    int header(ByteBuffer wal, int index, int available, long position) {
        if (!isBegun()) {
            start = position;
        }
        int taken = header.collect(wal, index, available, WalRecordHeader.LENGTH);
        if (header.collected() >= WalRecordHeader.TOTAL_LENGTH_END && header.totalLength() < WalRecordHeader.LENGTH) {
            throw noRecord(
                    "invalid record length at ",
                    ": expected at least " + WalRecordHeader.LENGTH + ", got " + header.totalLength());
        }
        if (isHeaderComplete()) {
            checkHeader();
            bodyToCome = header.totalLength() - WalRecordHeader.LENGTH;
            crc.reset();
            checkpoint.begin(header);
        }
        return taken;
    }

    /** Takes bytes behind the header, not more than are to come. */
    void body(ByteBuffer wal, int index, int length) {
        crc.update(wal, index, length);
        checkpoint.body(wal, index, length);
        bodyToCome -= length;
    }

    /** Checks the checksum, now that nothing of the record is to come. */
    void checkSum() {
        header.addTo(crc);
        if (crc.value() != header.crc()) {
            throw new WalFormatException(
                    start, "incorrect resource manager data checksum in record at " + new Lsn(start));
        }
    }

    /** The record is the one that the next has to link to. */
    void complete() {
        previousStart = start;
        checkpoint.complete();
    }

    /** Where the newest complete checkpoint would begin to replay; 0 if none was seen. */
    long checkpointRedo() {
        return checkpoint.redo();
    }

    private void checkHeader() {
        if (!magic.isResourceManager(header.resourceManager())) {
            throw noRecord("invalid resource manager ID " + header.resourceManager() + " at ", "");
        }
        boolean linked = hasPrevious()
                ? header.previousBits() == previousStart
                : Long.compareUnsigned(header.previousBits(), start) < 0;
        if (!linked) {
            throw noRecord("record with incorrect prev-link " + header.previous() + " at ", "");
        }
    }

    /** What stands where the next record should begin is none: old bytes, or zeros. */
    private WalFormatException noRecord(String before, String behind) {
        clear();
        return new WalFormatException(start, before + new Lsn(start) + behind);
    }
}
