package io.walrelay.replication.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import java.nio.ByteBuffer;

/**
 * Reads the header of a WAL page ({@code XLogPageHeaderData}, and {@code XLogLongPageHeaderData} on the first page of a
 * segment). One reader serves for many headers; it is not thread-safe.
 *
 * <pre>
 *  0  u16 magic    2  u16 info    4  u32 timeline    8  u64 page address    16  u32 remaining length    20  padding
 * 24  u64 system identifier      32  u32 segment size      36  u32 page size
 * </pre>
 */
public final class WalPageHeader {
    /** Bytes of the header of most pages. */
    public static final int SHORT_LENGTH = 24;

    /** Bytes of the header of a segment's first page. */
    public static final int LONG_LENGTH = 40;

    static final int FIRST_IS_CONTRECORD = 0x0001;
    static final int LONG_HEADER = 0x0002;
    static final int BKP_REMOVABLE = 0x0004;
    static final int FIRST_IS_OVERWRITE_CONTRECORD = 0x0008;
    static final int ALL_FLAGS = 0x000F;

    private static final int INFO_END = 4;

    private final HeaderBytes bytes = new HeaderBytes(LONG_LENGTH);

    /**
     * Reads the header at an index of a buffer that holds the whole of it.
     *
     * @throws IndexOutOfBoundsException if it does not
     */
    public WalPageHeader read(ByteBuf in, int index) {
        clear();
        int available = in.writerIndex() - index;
        collect(in.nioBuffer(index, available), 0, available);
        if (!isComplete()) {
            throw new IndexOutOfBoundsException("no whole page header at " + index + " of " + in);
        }
        return this;
    }

    void clear() {
        bytes.clear();
    }

    /** Takes what there is of the header, whose length its flags tell; tells how many bytes it took. */
    int collect(ByteBuffer in, int index, int available) {
        int taken = 0;
        if (bytes.count() < INFO_END) {
            taken = bytes.collect(in, index, available, INFO_END);
        }
        if (bytes.count() >= INFO_END) {
            taken += bytes.collect(in, index + taken, available - taken, length());
        }
        return taken;
    }

    boolean isComplete() {
        return bytes.count() >= INFO_END && bytes.count() == length();
    }

    /** Its bytes: {@value #SHORT_LENGTH} or {@value #LONG_LENGTH}. */
    public int length() {
        return isLong() ? LONG_LENGTH : SHORT_LENGTH;
    }

    /** The magic number: see {@link WalPageMagic}. */
    public int magic() {
        return bytes.unsignedShort(0);
    }

    /** The flag bits. */
    public int info() {
        return bytes.unsignedShort(2);
    }

    /** The timeline's number, unsigned; 0 on no valid page. */
    public int timeline() {
        return bytes.int32(4);
    }

    /** The position of the page's first byte. */
    public Lsn pageAddress() {
        return new Lsn(bytes.int64(8));
    }

    long pageAddressBits() {
        return bytes.int64(8);
    }

    /** Bytes still to come, from this page on, of a record that began on an earlier page. */
    public long remainingLength() {
        return bytes.unsignedInt(16);
    }

    /** Whether the page begins with the continuation of a record. */
    public boolean firstIsContinued() {
        return (info() & FIRST_IS_CONTRECORD) != 0;
    }

    /** Whether the record that should be continued here was never finished, and another one stands in its place. */
    public boolean firstIsOverwritten() {
        return (info() & FIRST_IS_OVERWRITE_CONTRECORD) != 0;
    }

    /** Whether this is the header of a segment's first page; if not, the fields below mean nothing. */
    public boolean isLong() {
        return (info() & LONG_HEADER) != 0;
    }

    /** The cluster. */
    public SystemIdentifier systemIdentifier() {
        return new SystemIdentifier(bytes.int64(24));
    }

    long systemIdentifierBits() {
        return bytes.int64(24);
    }

    /** The segment size in bytes. */
    public int segmentSize() {
        return bytes.int32(32);
    }

    /** The page size in bytes. */
    public int pageSize() {
        return bytes.int32(36);
    }
}
