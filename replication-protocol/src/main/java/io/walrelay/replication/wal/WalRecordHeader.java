package io.walrelay.replication.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Reads the header of a WAL record ({@code XLogRecord}). One reader serves for many headers; it is not thread-safe.
 *
 * <pre>
 *  0  u32 total length    4  u32 transaction ID    8  u64 previous record    16  u8 info    17  u8 resource manager
 * 18  padding            20  u32 CRC-32C of all but itself: of what is behind the header first, then of the header
 * </pre>
 */
public final class WalRecordHeader {
    /** Its bytes. Of these only the total length is sure to stand on one page. */
    public static final int LENGTH = 24;

    /** Behind the total length. */
    static final int TOTAL_LENGTH_END = 4;

    /** Before the checksum: what it covers of the header. */
    static final int CRC_OFFSET = 20;

    private static final int RESOURCE_MANAGER_INFO = 0xF0;
    static final int RM_XLOG = 0;
    private static final int XLOG_CHECKPOINT_SHUTDOWN = 0x00;
    private static final int XLOG_CHECKPOINT_ONLINE = 0x10;
    private static final int XLOG_SWITCH = 0x40;

    private final HeaderBytes bytes = new HeaderBytes(LENGTH);

    /**
     * Reads the header at an index of a buffer that holds the whole of it in one piece.
     *
     * @throws IndexOutOfBoundsException if it does not
     */
    public WalRecordHeader read(ByteBuf in, int index) {
        clear();
        Objects.checkFromIndexSize(index, LENGTH, in.writerIndex());
        collect(in.nioBuffer(index, LENGTH), 0, LENGTH, LENGTH);
        return this;
    }

    void clear() {
        bytes.clear();
    }

    int collect(ByteBuffer in, int index, int available, int wanted) {
        return bytes.collect(in, index, available, wanted);
    }

    int collected() {
        return bytes.count();
    }

    /** Bytes of the record with this header, without what aligns the next one. */
    public long totalLength() {
        return bytes.unsignedInt(0);
    }

    /** The transaction, unsigned; 0 if none. */
    public int transactionId() {
        return bytes.int32(4);
    }

    /** Where the record before begins. */
    public Lsn previous() {
        return new Lsn(bytes.int64(8));
    }

    long previousBits() {
        return bytes.int64(8);
    }

    /** The resource manager's bits of the info byte: what kind of record of it this is. */
    public int info() {
        return bytes.unsignedByte(16) & RESOURCE_MANAGER_INFO;
    }

    /** The resource manager. */
    public int resourceManager() {
        return bytes.unsignedByte(17);
    }

    /** The checksum. */
    public int crc() {
        return bytes.int32(CRC_OFFSET);
    }

    /** Whether the rest of the segment behind this record is unused: {@code pg_switch_wal()}. */
    public boolean isSwitch() {
        return resourceManager() == RM_XLOG && info() == XLOG_SWITCH;
    }

    /** Whether this is a checkpoint, of whichever kind. */
    public boolean isCheckpoint() {
        return resourceManager() == RM_XLOG && (info() == XLOG_CHECKPOINT_SHUTDOWN || info() == XLOG_CHECKPOINT_ONLINE);
    }

    // Fields of a header that lies in a buffer as a whole, which is of big-endian order, as any is unless that was
    // changed.

    static int totalLength(ByteBuffer in, int index) {
        return Integer.reverseBytes(in.getInt(index));
    }

    static long previous(ByteBuffer in, int index) {
        return Long.reverseBytes(in.getLong(index + 8));
    }

    static int resourceManager(ByteBuffer in, int index) {
        return Byte.toUnsignedInt(in.get(index + 17));
    }

    static int crc(ByteBuffer in, int index) {
        return Integer.reverseBytes(in.getInt(index + CRC_OFFSET));
    }

    /** Adds what the checksum covers of the header; what is behind the header has to have been added before. */
    void addTo(Crc32c crc) {
        crc.update(bytes.array(), 0, CRC_OFFSET);
    }
}
