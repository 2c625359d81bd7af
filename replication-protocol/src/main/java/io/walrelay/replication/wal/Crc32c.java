package io.walrelay.replication.wal;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of WAL records: CRC-32C (Castagnoli), computed piece by piece without garbage. Not thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4">RFC 3720, B.4</a>
 */
public final class Crc32c {
    private final CRC32C crc = new CRC32C();

    /** Begins anew. */
    public void reset() {
        crc.reset();
    }

    /** Adds bytes of a buffer, whose indices stay as they are. */
    public void update(ByteBuf bytes, int index, int length) {
        for (ByteBuffer part : bytes.nioBuffers(index, length)) {
            crc.update(part);
        }
    }

    /** Adds bytes of a buffer, without a copy; its position moves. */
    void update(ByteBuffer bytes, int index, int length) {
        int limit = bytes.limit();
        bytes.limit(index + length).position(index);
        crc.update(bytes);
        bytes.limit(limit);
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
