package io.walrelay.replication.wal;

import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;

/**
 * The checksum of WAL records: CRC-32C (Castagnoli), computed piece by piece without garbage. Not thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4">RFC 3720, B.4</a>
 */
public final class Crc32c {
    private final CRC32C crc = new CRC32C();
    private final byte[] copy = new byte[WalFormat.PAGE_SIZE];

    /** Begins anew. */
    public void reset() {
        crc.reset();
    }

    /** Adds bytes of a buffer, whose indices stay as they are. */
    public void update(ByteBuf bytes, int index, int length) {
        if (bytes.hasArray()) {
            crc.update(bytes.array(), bytes.arrayOffset() + index, length);
            return;
        }
        for (int done = 0; done < length; done += copy.length) {
            int piece = Math.min(copy.length, length - done);
            BufferBytes.copy(bytes, index + done, copy, 0, piece);
            crc.update(copy, 0, piece);
        }
    }

    /** Adds bytes of an array. */
    public void update(byte[] bytes, int offset, int length) {
        crc.update(bytes, offset, length);
    }

    /** The checksum of what was added. */
    public int value() {
        return (int) crc.getValue();
    }
}
