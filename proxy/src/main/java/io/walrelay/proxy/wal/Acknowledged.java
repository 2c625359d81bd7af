package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.Storage;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code walrelay.acknowledged}: up to where WAL had been acknowledged when somebody last wrote that down, some seconds
 * ago or at the stop. It tells WAL that has rotted from a record that a crash cut off; nothing is ever acknowledged
 * because of it.
 *
 * <p>Layout, big-endian: magic "WALA", timeline (int32), LSN (int64), CRC-32C of all before it (int32).
 */
record Acknowledged(TimelineId timeline, Lsn position) {
    private static final Logger log = LoggerFactory.getLogger(Acknowledged.class);

    static final String NAME = "walrelay.acknowledged";
    private static final int MAGIC = 0x57414C41;
    private static final int BODY = 16;
    private static final int LENGTH = BODY + Integer.BYTES;

    /** What the file says of a timeline: empty if it is not there, cannot be used, or is about another timeline. */
    static Optional<Lsn> read(Storage storage, Path dataDirectory, TimelineId timeline) throws IOException {
        Path file = dataDirectory.resolve(NAME);
        if (!storage.exists(file)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(storage.readAll(file));
        if (bytes.limit() != LENGTH || bytes.getInt(0) != MAGIC || bytes.getInt(BODY) != crc(bytes.slice(0, BODY))) {
            log.warn("file \"{}\" is damaged: what WAL had been acknowledged is not known", file);
            return Optional.empty();
        }
        boolean same = bytes.getInt(Integer.BYTES) == timeline.value();
        return same ? Optional.of(new Lsn(bytes.getLong(2 * Integer.BYTES))) : Optional.empty();
    }

    /** Replaces the file. */
    void write(Storage storage, Path dataDirectory) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        bytes.putInt(MAGIC).putInt(timeline.value()).putLong(position.value());
        bytes.putInt(crc(bytes.slice(0, BODY)));
        storage.replace(dataDirectory.resolve(NAME), bytes.array());
    }

    private static int crc(ByteBuffer body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return (int) crc.getValue();
    }
}
