package io.walrelay.proxy.cluster;

import io.walrelay.proxy.cluster.MirroredServer.Parameter;
import io.walrelay.proxy.cluster.MirroredServer.Reported;
import io.walrelay.proxy.storage.Storage;
import io.walrelay.replication.ServerVersion;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * {@code walrelay.parameters}: the {@link MirroredServer} on disk. Layout, big-endian: magic "WRPA", version 1 (int32);
 * the server version; a count (int32) of reported parameters, name and value each; a count of settings, name, setting
 * and description each; CRC-32C of all before it (int32). A text is its length (int32) and UTF-8.
 */
public final class MirroredServerFile {
    private static final String NAME = "walrelay.parameters";
    private static final int MAGIC = 0x57525041;
    private static final int VERSION = 1;

    private final Storage storage;
    private final Path file;

    /** The file of this data directory. */
    public MirroredServerFile(Storage storage, Path dataDirectory) {
        this.storage = storage;
        this.file = dataDirectory.resolve(NAME);
    }

    /** What was written last; empty if nothing was. @throws IOException if the file is damaged or cannot be read */
    public Optional<MirroredServer> read() throws IOException {
        if (!storage.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(decode(storage.readAll(file)));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("file \"" + file + "\" is damaged: " + e.getMessage(), e);
        }
    }

    /** Replaces the file; durable when this returns. */
    public void write(MirroredServer server) throws IOException {
        storage.replace(file, encode(server));
    }

    private static byte[] encode(MirroredServer server) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            text(out, server.version().text());
            out.writeInt(server.reported().size());
            for (Reported reported : server.reported()) {
                text(out, reported.name());
                text(out, reported.value());
            }
            out.writeInt(server.settings().size());
            for (Parameter setting : server.settings()) {
                text(out, setting.name());
                text(out, setting.setting());
                text(out, setting.description());
            }
            out.writeInt(crc(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static MirroredServer decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < 12 || in.getInt(bytes.length - 4) != crc(bytes, bytes.length - 4)) {
            throw new IllegalArgumentException("incorrect checksum");
        }
        if (in.getInt() != MAGIC || in.getInt() != VERSION) {
            throw new IllegalArgumentException("unknown magic number or version");
        }
        ServerVersion version = ServerVersion.parse(text(in));
        List<Reported> reported = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            reported.add(new Reported(text(in), text(in)));
        }
        List<Parameter> settings = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            settings.add(new Parameter(text(in), text(in), text(in)));
        }
        return new MirroredServer(version, reported, settings);
    }

    private static String text(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] utf8 = new byte[length];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
