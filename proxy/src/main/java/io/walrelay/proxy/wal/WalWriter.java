package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.wal.WalFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the upstream sends into the segment files, on the upstream's own event loop: into the page cache, a large
 * piece at once and from the buffer it came in, small ones together. What is handed to {@link #append} is published,
 * and seen by senders, with the next {@link #writeOut}. Mirrors PostgreSQL's {@code XLogWalRcvWrite}.
 */
public final class WalWriter {
    private static final int MAX_BYTES = 4 << 20;

    private final WalDirectory directory;
    private final WalFlusher flusher;
    private final Optional<WalVerifier> verifier;
    private final Runnable written;

    private DiskGuard guard;
    private WalEnd end;
    private @Nullable WalSegment segment;
    private long received;

    /** Up to where the files hold what was received; behind that are the small pieces. The value of an LSN. */
    private long inFiles;

    /** Where the last whole record ends that was written: the value of an LSN, as all that changes with each write. */
    private long records;

    private final SmallPieces small = new SmallPieces();

    /**
     * A writer that goes on where {@code end} is.
     *
     * @param verifier checks what comes, unless that is switched off
     * @param guard says whether there is room for another segment
     * @param written told after each publication, on the upstream loop
     */
    WalWriter(
            WalDirectory directory,
            WalFlusher flusher,
            WalEnd end,
            Optional<WalVerifier> verifier,
            DiskGuard guard,
            Runnable written) {
        this.guard = guard;
        this.verifier = verifier;
        this.directory = directory;
        this.flusher = flusher;
        this.end = end;
        this.received = end.written().value();
        this.inFiles = received;
        this.records = end.flushedRecordsValue();
        this.written = written;
    }

    /** Where the next byte from the upstream belongs. */
    public Lsn received() {
        return new Lsn(received);
    }

    /** The value of {@link #received()}, for who asks for each message. */
    public long receivedValue() {
        return received;
    }

    /**
     * Takes WAL that begins at {@link #received()}, and the caller's reference to it.
     *
     * @throws IOException if a file cannot be written: what is not published yet is forgotten, as by {@link #abandon}
     * @throws WalFormatException if it is not valid WAL: nothing of it is written, see {@link WalStore#refetch}
     */
    public void append(ByteBuf data) throws IOException {
        try {
            append(data, data.readerIndex(), data.readableBytes());
        } finally {
            data.release();
        }
    }

    /**
     * As {@link #append(ByteBuf)}, for a part of a buffer, whose indices stay as they are. It remains the caller's.
     */
    public void append(ByteBuf data, int index, int length) throws IOException {
        if (verifier.isPresent()) {
            verifier.get().check(received, data, index, length);
        }
        try {
            take(data, index, length);
        } catch (IOException e) {
            abandon();
            throw e;
        }
    }

    private void take(ByteBuf data, int index, int length) throws IOException {
        int segmentBytes = directory.segmentSize().bytes();
        for (int done = 0; done < length; ) {
            int room = segmentBytes - (int) (received & (segmentBytes - 1));
            int part = Math.min(room, length - done);
            write(data, index + done, part);
            received += part;
            done += part;
            if (part == room) {
                publish();
                finishSegment();
            } else if (received - end.writtenValue() >= MAX_BYTES) {
                publish();
            }
        }
    }

    private void write(ByteBuf data, int index, int length) throws IOException {
        if (SmallPieces.isSmall(length)) {
            if (small.isFullFor(length)) {
                writeSmallPieces();
            }
            small.add(data, index, length);
        } else {
            writeSmallPieces();
            writeAtOnce(data, index, length);
        }
    }

    private void writeAtOnce(ByteBuf data, int index, int length) throws IOException {
        StoredFile file = segmentOf(inFiles).file();
        if (data.nioBufferCount() == 1) {
            write(file, data.internalNioBuffer(index, length));
        } else {
            for (ByteBuffer part : data.nioBuffers(index, length)) {
                write(file, part);
            }
        }
    }

    private void write(StoredFile file, ByteBuffer data) throws IOException {
        int length = data.remaining();
        file.write(directory.segmentSize().offset(inFiles), data);
        inFiles += length;
    }

    private void writeSmallPieces() throws IOException {
        if (!small.isEmpty()) {
            write(segmentOf(inFiles).file(), small.content());
            small.clear();
        }
    }

    /**
     * Writes all that was appended, and publishes it. Called at the end of each read of the socket.
     *
     * @throws IOException if a file cannot be written: nothing of it is published, and it is forgotten, as by {@link
     *     #abandon}
     */
    public void writeOut() throws IOException {
        try {
            publish();
        } catch (IOException e) {
            abandon();
            throw e;
        }
    }

    private void publish() throws IOException {
        if (received == end.writtenValue()) {
            return;
        }
        writeSmallPieces();
        WalSegment into = segmentOf(end.writtenValue());
        end.written(received);
        records = endOfRecords(received);
        flusher.written(end, received, records, into);
        // First, so that the senders' sockets and the disk are at work at the same time.
        written.run();
        flusher.flush();
    }

    private long endOfRecords(long written) {
        // What was checked and is to be written in another segment does not count yet.
        long valid = validatedEndValue();
        return Long.compareUnsigned(valid, written) > 0 ? records : Lsn.max(records, valid);
    }

    private WalSegment segmentOf(long position) throws IOException {
        WalSegment open = segment;
        if (open == null) {
            WalFileName name = name(end.history().timeline(), new Lsn(position));
            open = directory.openPartial(name).orElse(null);
            if (open == null) {
                requireRoom();
                open = directory.createPartial(name);
                flusher.created();
            }
            segment = open;
        }
        return open;
    }

    private void requireRoom() throws IOException {
        Optional<String> refusal = guard.refusal();
        if (refusal.isPresent()) {
            throw new IOException(refusal.get());
        }
    }

    /** Asks this guard from now on. */
    void guard(DiskGuard next) {
        guard = next;
    }

    private WalFileName name(TimelineId timeline, Lsn position) {
        return new WalFileName(timeline, directory.segmentSize().segmentNumber(position));
    }

    private void finishSegment() {
        WalSegment full = segment;
        if (full != null) {
            flusher.full(full, end, received, records);
            flusher.flush();
            segment = null;
        }
    }

    /** Up to where all WAL is whole records, checked; the written end where nothing is checked. */
    Lsn validatedEnd() {
        return new Lsn(validatedEndValue());
    }

    private long validatedEndValue() {
        long written = end.writtenValue();
        return verifier.isPresent() ? verifier.get().validatedEnd(written) : written;
    }

    /** Where the newest checkpoint that was written would begin to replay, as the value of an LSN; 0 for none. */
    long checkpointRedo() {
        return verifier.isPresent() ? verifier.get().checkpointRedo() : 0;
    }

    /**
     * Forgets what was appended and not published, after a failure: the stream begins anew at the published end. What
     * is in a file behind that is written over.
     */
    public void abandon() {
        small.clear();
        received = end.writtenValue();
        inFiles = received;
    }

    /** Goes on with another timeline, or anew with the same. All that was written has been flushed. */
    void continueOn(WalEnd next, StoredWal stored) {
        abandon();
        closeSegment();
        verifier.ifPresent(check -> check.continueOn(stored));
        end = next;
        received = next.writtenValue();
        inFiles = received;
        records = next.flushedRecordsValue();
    }

    void closeSegment() {
        WalSegment open = segment;
        if (open != null) {
            open.release();
            segment = null;
        }
    }
}
