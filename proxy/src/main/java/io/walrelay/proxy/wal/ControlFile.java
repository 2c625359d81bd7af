package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.Storage;
import io.walrelay.replication.ServerVersion;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalSegmentSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * {@code walrelay.control}: whose WAL this data directory holds. Written when the first upstream has said who it is,
 * and whenever the timeline or the server's version changes; replaced as a whole.
 *
 * <p>Layout, big-endian: magic "WALR", version 1 (int32), system identifier (int64), segment size in bytes (int32),
 * timeline (int32), creation time in milliseconds since 1970 (int64), server version (length-prefixed UTF-8), CRC-32C
 * of all before it (int32).
 *
 * @param systemIdentifier the cluster's; WAL of any other is refused
 * @param segmentSize the cluster's {@code wal_segment_size}
 * @param timeline the timeline being received
 * @param serverVersion the upstream's {@code server_version}
 * @param created when this directory was first used
 */
public record ControlFile(
        SystemIdentifier systemIdentifier,
        WalSegmentSize segmentSize,
        TimelineId timeline,
        ServerVersion serverVersion,
        Instant created) {
    static final String NAME = "walrelay.control";
    private static final int MAGIC = 0x57414C52;
    private static final int VERSION = 1;
    private static final int CRC_BYTES = 4;

    /** The same directory, receiving another timeline. */
    public ControlFile withTimeline(TimelineId next) {
        return new ControlFile(systemIdentifier, segmentSize, next, serverVersion, created);
    }

    /**
     * The same directory, behind a server of another version (a minor upgrade, or pg_upgrade's refusal is elsewhere).
     */
    public ControlFile withServerVersion(ServerVersion version) {
        return new ControlFile(systemIdentifier, segmentSize, timeline, version, created);
    }

    /**
     * Reads the file of a data directory; empty if the directory has none yet.
     *
     * @throws IOException if the file cannot be read, or is not a control file of a version this program knows
     */
    public static Optional<ControlFile> read(Storage storage, Path dataDirectory) throws IOException {
        Path file = dataDirectory.resolve(NAME);
        if (!storage.exists(file)) {
            return Optional.empty();
        }
        byte[] bytes = storage.readAll(file);
        if (bytes.length < CRC_BYTES || !hasValidCrc(bytes)) {
            throw new IOException("control file \"" + file + "\" is damaged: incorrect checksum");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readInt() != MAGIC) {
                throw new IOException("file \"" + file + "\" is not a control file of walrelay");
            }
            int version = in.readInt();
            if (version != VERSION) {
                throw new IOException("control file \"" + file + "\" has version " + version
                        + ", this program reads version " + VERSION);
            }
            SystemIdentifier system = new SystemIdentifier(in.readLong());
            WalSegmentSize size = new WalSegmentSize(in.readInt());
            TimelineId timeline = new TimelineId(in.readInt());
            Instant created = Instant.ofEpochMilli(in.readLong());
            return Optional.of(new ControlFile(system, size, timeline, ServerVersion.parse(in.readUTF()), created));
        }
    }

    private static boolean hasValidCrc(byte[] bytes) {
        int body = bytes.length - CRC_BYTES;
        int stored = ((bytes[body] & 0xFF) << 24)
                | ((bytes[body + 1] & 0xFF) << 16)
                | ((bytes[body + 2] & 0xFF) << 8)
                | (bytes[body + 3] & 0xFF);
        return stored == crc(Arrays.copyOf(bytes, body));
    }

    private static int crc(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return (int) crc.getValue();
    }

    /** Replaces the file of a data directory; durable when this returns. */
    public void write(Storage storage, Path dataDirectory) throws IOException {
        storage.replace(dataDirectory.resolve(NAME), encode());
    }

    private byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeLong(systemIdentifier.value());
            out.writeInt(segmentSize.bytes());
            out.writeInt(timeline.value());
            out.writeLong(created.toEpochMilli());
            out.writeUTF(serverVersion.text());
            out.writeInt(crc(bytes.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
