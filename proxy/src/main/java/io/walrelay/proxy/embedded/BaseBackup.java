package io.walrelay.proxy.embedded;

import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * A base backup taken over the replication protocol, as {@code pg_basebackup -X fetch} takes it: self-contained,
 * because the WAL that makes it consistent is in it. Clusters with tablespaces beside the standard ones are refused.
 *
 * <p>Source: PostgreSQL's documentation, "Streaming Replication Protocol", BASE_BACKUP. Up to PostgreSQL 14 there is
 * one CopyOut response for each tablespace, each a tar archive; from 15 on there is one for all, whose messages say in
 * their first byte what they carry.
 *
 * @param start where recovery of the backup begins
 * @param end the position from which on it is consistent
 */
record BaseBackup(Lsn start, Lsn end) {
    /** Takes a fast-checkpoint backup into {@code target}, which must not exist. */
    static BaseBackup receive(String host, int port, String user, Path target) throws IOException {
        Files.createDirectory(
                target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (ReplicationConnection connection = ReplicationConnection.open(host, port, user)) {
            boolean oneStream = connection.serverMajor() >= 15;
            connection.query(
                    oneStream
                            ? "BASE_BACKUP (LABEL 'walrelay', CHECKPOINT 'fast', WAIT 0, WAL, MANIFEST 'no')"
                            : "BASE_BACKUP LABEL 'walrelay' FAST NOWAIT WAL");
            Lsn start = position(connection);
            tablespaces(connection);
            connection.expect('H');
            CopyStream archive = new CopyStream(connection, oneStream);
            TarUnpacker.unpack(archive, target);
            archive.transferTo(OutputStream.nullOutputStream());
            Lsn end = position(connection);
            connection.expect('C');
            connection.expect('Z');
            return new BaseBackup(start, end);
        }
    }

    private static Lsn position(ReplicationConnection connection) throws IOException {
        connection.expect('T');
        String lsn = connection.expect('D').row().getFirst();
        connection.expect('C');
        if (lsn == null) {
            throw new IOException("the server sent no position");
        }
        return Lsn.parse(lsn);
    }

    private static void tablespaces(ReplicationConnection connection) throws IOException {
        connection.expect('T');
        int count = 0;
        ReplicationConnection.Message message = connection.read();
        for (; message.type() == 'D'; message = connection.read()) {
            count++;
        }
        if (count != 1) {
            throw new IOException("a cluster with tablespaces is not supported here");
        }
    }

    /** The tar archive in a CopyOut response, up to its CopyDone. */
    private static final class CopyStream extends InputStream {
        private final ReplicationConnection connection;
        private final boolean typed;
        private @Nullable ByteBuffer current = ByteBuffer.allocate(0);

        /** @param typed whether the first byte of each message says what it carries (PostgreSQL 15 and newer) */
        CopyStream(ReplicationConnection connection, boolean typed) {
            this.connection = connection;
            this.typed = typed;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            ByteBuffer data = current;
            while (data != null && !data.hasRemaining()) {
                data = next();
                current = data;
            }
            if (data == null) {
                return -1;
            }
            int count = Math.min(length, data.remaining());
            data.get(target, offset, count);
            return count;
        }

        private @Nullable ByteBuffer next() throws IOException {
            ReplicationConnection.Message message = connection.read();
            return switch (message.type()) {
                case 'd' -> typed ? content(message.body()) : message.body();
                case 'c' -> null;
                default -> throw new IOException("expected the backup's data, got \"" + message.type() + "\"");
            };
        }

        private static ByteBuffer content(ByteBuffer body) throws IOException {
            char kind = (char) body.get();
            return switch (kind) {
                case 'd' -> body;
                case 'n', 'p' -> ByteBuffer.allocate(0); // a new archive (there is only one), or the progress
                default -> throw new IOException("unexpected kind of backup message: \"" + kind + "\"");
            };
        }
    }
}
