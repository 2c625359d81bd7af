package io.walrelay.proxy.slot;

import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * {@code pg_replslot/NAME/state}: what of a slot outlives the process. Layout, big-endian: magic "WRSL", version 2
 * (int32), restart_lsn (int64, 0 if none), invalidation (int32: 0 none, 1 wal_removed, 2 idle_timeout), xmin and
 * catalog_xmin with their epochs (int64 each, 0 if none), CRC-32C of all before it (int32). Version 1 had no xmins.
 *
 * @param restartLsn WAL from here on is kept; {@link Lsn#INVALID} as long as the slot has reserved none,
 *     or when that WAL was removed
 * @param invalidation why the slot keeps nothing any more, if so
 * @param xmins what the client's feedback holds, also while it is away
 */
record SlotState(Lsn restartLsn, Optional<SlotInvalidation> invalidation, Xmins xmins) {
    private static final int MAGIC = 0x5752534C;
    private static final int VERSION = 2;
    private static final int BODY = 36;
    private static final int FIRST_VERSION = 1;
    private static final int FIRST_BODY = 20;

    /** Of a slot that holds nothing yet. */
    static final SlotState EMPTY = new SlotState(Lsn.INVALID, Optional.empty(), Xmins.NONE);

    byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(BODY + 4);
        out.putInt(MAGIC).putInt(VERSION).putLong(restartLsn.value());
        out.putInt(invalidation.map(SlotInvalidation::code).orElse(0));
        out.putLong(xmins.xmin()).putLong(xmins.catalogXmin());
        return out.putInt(crc(out.array(), BODY)).array();
    }

    /** @throws IOException if these are not the bytes of a slot of a version this program knows */
    static SlotState decode(byte[] bytes) throws IOException {
        int body = bytes.length - 4;
        if (body != BODY && body != FIRST_BODY) {
            throw new IOException("wrong length " + bytes.length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt(body) != crc(bytes, body)) {
            throw new IOException("incorrect checksum");
        }
        if (in.getInt() != MAGIC || in.getInt() != (body == BODY ? VERSION : FIRST_VERSION)) {
            throw new IOException("unknown magic number or version");
        }
        return new SlotState(
                new Lsn(in.getLong()),
                SlotInvalidation.ofCode(in.getInt()),
                body == BODY ? new Xmins(in.getLong(), in.getLong()) : Xmins.NONE);
    }

    private static int crc(byte[] bytes, int body) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, body);
        return (int) crc.getValue();
    }
}
