package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.wal.WalFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A segment that is received anew, in the place of one that is damaged. The damaged file keeps its name until all of
 * the new one is here, was found valid and is durable. Writes block; one thread, which may change.
 */
public final class SegmentReplacement implements AutoCloseable {
    private final WalDirectory directory;
    private final SegmentCheck check;
    private final WalFileName name;
    private final StoredFile file;
    private Lsn received;

    SegmentReplacement(WalDirectory directory, SegmentCheck check, WalFileName name) throws IOException {
        this.directory = directory;
        this.check = check;
        this.name = name;
        this.file = directory.createReplacement(name);
        this.received = directory.segmentSize().start(name.segmentNumber());
    }

    /** Where the next byte belongs. */
    public Lsn received() {
        return received;
    }

    /** Where the segment ends. */
    public Lsn end() {
        return directory.segmentSize().start(name.segmentNumber() + 1);
    }

    /** Writes WAL that begins at {@link #received()}, up to {@link #end()}; what is behind that is not looked at. */
    public void write(ByteBuf wal) throws IOException {
        int length = (int) Math.min(wal.readableBytes(), end().minus(received));
        for (ByteBuffer part : wal.nioBuffers(wal.readerIndex(), length)) {
            int partLength = part.remaining();
            file.write(directory.segmentSize().offset(received), part);
            received = received.plus(partLength);
        }
    }

    /**
     * Puts the new file, which was received to its end, into the place of the old one; durable when this returns.
     *
     * @throws WalFormatException if it is not valid either; the old one stays
     */
    public void install() throws IOException {
        check.requireValid(name, file);
        file.sync();
        directory.installReplacement(name);
    }

    /** Closes the file; removes it, unless it was installed. */
    @Override
    public void close() throws IOException {
        file.close();
        directory.deleteReplacement(name);
    }
}
