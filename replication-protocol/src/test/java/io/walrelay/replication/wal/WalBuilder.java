package io.walrelay.replication.wal;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.WalSegmentSize;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Writes WAL for tests, right to the byte, and wrong where told to. Segments have 1 MB. */
public final class WalBuilder {
    public static final WalSegmentSize SEGMENT = WalSegmentSize.parse("1MB");
    public static final SystemIdentifier SYSTEM = SystemIdentifier.parse("7312345678901234567");
    public static final Lsn START = new Lsn(0x1_7FF0_0000L);

    private static final int XLOG = 0;
    private static final int HEAP = 10;

    private final WalPageMagic magic;
    private final ByteArrayOutputStream wal = new ByteArrayOutputStream();
    private int timeline = 1;
    private long previous;
    private long remaining;
    private int nextPageFlags;

    public WalBuilder(WalPageMagic magic) {
        this.magic = magic;
        this.previous = START.value() - 0x100;
    }

    public WalFormat format() {
        return new WalFormat(magic, SEGMENT, SYSTEM);
    }

    public long position() {
        return START.value() + wal.size();
    }

    public Lsn lsn() {
        return new Lsn(position());
    }

    public int size() {
        return wal.size();
    }

    public byte[] bytes() {
        return wal.toByteArray();
    }

    /** The bytes so far, then zeros up to the end of the segment. */
    public byte[] zeroed() {
        return Arrays.copyOf(bytes(), -Math.floorDiv(-size(), SEGMENT.bytes()) * SEGMENT.bytes());
    }

    public WalBuilder timeline(int next) {
        timeline = next;
        return this;
    }

    /** A record with that many bytes behind its header; tells where it begins. */
    public Lsn record(int body) {
        return recordOf(HEAP, body);
    }

    /** As {@link #record}, of a resource manager that there need not be. */
    Lsn recordOf(int resourceManager, int body) {
        return append(recordBytes(resourceManager, 0, body), body + WalRecordHeader.LENGTH);
    }

    /** A record that ends that many bytes before the page does. */
    public Lsn recordUpTo(int bytesBeforePageEnd) {
        enterPage();
        int room = WalFormat.PAGE_SIZE - WalFormat.offsetInPage(position());
        return record(room - bytesBeforePageEnd - WalRecordHeader.LENGTH);
    }

    /** The first bytes of a record, as a crash leaves them. */
    public Lsn partOfRecord(int body, int part) {
        long last = previous;
        Lsn start = append(recordBytes(HEAP, 0, body), part);
        previous = last;
        return start;
    }

    /** Zeros up to the next page, whose header will say that the record that was begun is none. */
    public WalBuilder overwriteContrecord() {
        zerosTo(WalFormat.PAGE_SIZE);
        remaining = 0;
        nextPageFlags = WalPageHeader.FIRST_IS_OVERWRITE_CONTRECORD;
        return this;
    }

    /** A switch record and the rest of its segment. */
    public Lsn switchSegment() {
        Lsn start = append(recordBytes(XLOG, 0x40, 0), WalRecordHeader.LENGTH);
        while (position() % SEGMENT.bytes() != 0) {
            zerosTo(WalFormat.PAGE_SIZE);
            if (magic == WalPageMagic.PG10 && position() % SEGMENT.bytes() != 0) {
                enterPage();
            } else {
                zerosTo(SEGMENT.bytes());
            }
        }
        return start;
    }

    /** A segment that begins within a record begun before. */
    public WalBuilder beginWithin(long unseenBytes) {
        long last = previous;
        remaining = unseenBytes;
        append(new byte[(int) unseenBytes], (int) unseenBytes);
        previous = last;
        return this;
    }

    private void zerosTo(int boundary) {
        while (position() % boundary != 0) {
            wal.write(0);
        }
    }

    private byte[] recordBytes(int resourceManager, int info, int body) {
        ByteBuffer record = ByteBuffer.allocate(WalRecordHeader.LENGTH + body).order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(record.capacity()).putInt(731).putLong(previous);
        record.put((byte) info).put((byte) resourceManager).putShort((short) 0);
        for (int i = WalRecordHeader.LENGTH; i < record.capacity(); i++) {
            record.put(i, (byte) (i * 31 + body));
        }
        return record.putInt(20, checksum(record.array())).array();
    }

    /** An online checkpoint that would begin to replay at {@code redo}; tells where the record begins. */
    public Lsn checkpoint(Lsn redo) {
        byte[] record = recordBytes(XLOG, 0x10, 90);
        ByteBuffer fields = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        fields.put(WalRecordHeader.LENGTH, (byte) 0xFF).put(WalRecordHeader.LENGTH + 1, (byte) 88);
        fields.putLong(WalRecordHeader.LENGTH + 2, redo.value());
        fields.putInt(20, checksum(record));
        return append(record, record.length);
    }

    private static int checksum(byte[] record) {
        CRC32C crc = new CRC32C();
        crc.update(record, WalRecordHeader.LENGTH, record.length - WalRecordHeader.LENGTH);
        crc.update(record, 0, 20);
        return (int) crc.getValue();
    }

    private Lsn append(byte[] record, int length) {
        enterPage();
        Lsn start = lsn();
        for (int i = 0; i < length; i++) {
            remaining = (long) record.length - i;
            enterPage();
            wal.write(record[i]);
        }
        remaining = 0;
        if (length == record.length) {
            previous = start.value();
            zerosTo(WalFormat.ALIGNMENT);
        }
        return start;
    }

    /** At a page's start, writes its header. */
    private void enterPage() {
        if (position() % WalFormat.PAGE_SIZE != 0) {
            return;
        }
        boolean first = position() % SEGMENT.bytes() == 0;
        int flags = nextPageFlags
                | (first ? WalPageHeader.LONG_HEADER : 0)
                | (remaining > 0 ? WalPageHeader.FIRST_IS_CONTRECORD : WalPageHeader.BKP_REMOVABLE);
        nextPageFlags = 0;
        ByteBuffer header = ByteBuffer.allocate(first ? WalPageHeader.LONG_LENGTH : WalPageHeader.SHORT_LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN);
        header.putShort((short) magic.value()).putShort((short) flags).putInt(timeline);
        header.putLong(position()).putInt((int) remaining).putInt(0);
        if (first) {
            header.putLong(SYSTEM.value()).putInt(SEGMENT.bytes()).putInt(WalFormat.PAGE_SIZE);
        }
        wal.writeBytes(header.array());
    }
}
