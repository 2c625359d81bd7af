package io.walrelay.proxy.slot;

import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * {@code pg_replslot/NAME/state}: what of a slot outlives the process. Layout, big-endian: magic "WRSL", version 1
 * (int32), restart_lsn (int64, 0 if none), invalidation (int32: 0 none, 1 wal_removed, 2 idle_timeout), CRC-32C of all
 * before it (int32).
 *
 * @param restartLsn WAL from here on is kept; {@link Lsn#INVALID} as long as the slot has reserved none
 * @param invalidation why the slot keeps nothing any more, if so
 */
record SlotState(Lsn restartLsn, Optional<SlotInvalidation> invalidation) {
    private static final int MAGIC = 0x5752534C;
    private static final int VERSION = 1;
    private static final int BODY = 20;

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(BODY + 4);
        out.putInt(MAGIC).putInt(VERSION).putLong(restartLsn.value());
        out.putInt(invalidation.map(SlotInvalidation::code).orElse(0));
        return out.putInt(crc(out.array())).array();
    }

    /** @throws IOException if these are not the bytes of a slot of a version this program knows */
    static SlotState decode(byte[] bytes) throws IOException {
        if (bytes.length != BODY + 4) {
            throw new IOException("wrong length " + bytes.length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(BODY) != crc(bytes)) {
            throw new IOException("incorrect checksum");
        }
        if (in.getInt() != MAGIC || in.getInt() != VERSION) {
            throw new IOException("unknown magic number or version");
        }
        return new SlotState(new Lsn(in.getLong()), SlotInvalidation.ofCode(in.getInt()));
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, BODY);
        return (int) crc.getValue();
    }
}
