package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.wal.WalFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the upstream sends into the segment files, on the upstream's own event loop: into the page cache, with one
 * gathered write for all that one read of the socket brought. What is handed to {@link #append} is published, and seen by
 * senders, with the next {@link #writeOut}. Mirrors PostgreSQL's {@code XLogWalRcvWrite}.
 */
public final class WalWriter {
    private static final int MAX_BUFFERS = 256;
    private static final int MAX_BYTES = 4 << 20;

    private final WalDirectory directory;
    private final WalFlusher flusher;
    private final Optional<WalVerifier> verifier;
    private final Runnable written;

    private DiskGuard guard;
    private WalEnd end;
    private @Nullable WalSegment segment;
    private Lsn received;

    /** Where the last whole record ends that was written. */
    private Lsn records;

    // A message that came in several reads is a chain of buffers, so there may be more of these than of those.
    private final List<ByteBuf> owned = new ArrayList<>(MAX_BUFFERS);
    private @Nullable ByteBuffer[] gathered = new ByteBuffer[MAX_BUFFERS];
    private int count;

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
        this.received = end.written();
        this.records = end.flushedRecords();
        this.written = written;
    }

    /** Where the next byte from the upstream belongs. */
    public Lsn received() {
        return received;
    }

    /**
     * Takes WAL that begins at {@link #received()}, and the caller's reference to it.
     *
     * @throws IOException if a file cannot be written: what is not published yet is forgotten, as by {@link #abandon}
     * @throws WalFormatException if it is not valid WAL: nothing of it is written, see {@link WalStore#refetch}
     */
    public void append(ByteBuf data) throws IOException {
        try (Lease lease = new Lease(data)) {
            if (verifier.isPresent()) {
                verifier.get().check(received, data);
            }
            while (data.isReadable()) {
                int room = directory.segmentSize().bytes()
                        - directory.segmentSize().offset(received);
                int length = Math.min(room, data.readableBytes());
                gather(lease, data, length);
                if (length == room) {
                    writeOut();
                    finishSegment();
                } else if (count >= MAX_BUFFERS || received.minus(end.written()) >= MAX_BYTES) {
                    writeOut();
                }
            }
        }
    }

    private void gather(Lease lease, ByteBuf data, int length) {
        owned.add(lease.share());
        if (data.nioBufferCount() == 1) {
            add(data.nioBuffer(data.readerIndex(), length));
        } else {
            for (ByteBuffer part : data.nioBuffers(data.readerIndex(), length)) {
                add(part);
            }
        }
        data.skipBytes(length);
        received = received.plus(length);
    }

    private void add(ByteBuffer part) {
        if (count == gathered.length) {
            gathered = Arrays.copyOf(gathered, 2 * count);
        }
        gathered[count++] = part;
    }

    /**
     * Writes all that was appended, and publishes it. Called at the end of each read of the socket.
     *
     * @throws IOException if a file cannot be written: nothing of it is published, and it is forgotten, as by {@link
     *     #abandon}
     */
    public void writeOut() throws IOException {
        if (count == 0) {
            return;
        }
        Lsn from = end.written();
        WalSegment into;
        try {
            into = segmentOf(from);
            into.file().write(directory.segmentSize().offset(from), gathered, count);
        } catch (IOException e) {
            // A write that failed half-way has consumed some of the buffers: they must never be written again.
            abandon();
            throw e;
        }
        releaseGathered();
        end.written(received);
        records = endOfRecords();
        flusher.written(end, received, records, into);
        // First, so that the senders' sockets and the disk are at work at the same time.
        written.run();
        flusher.flush();
    }

    private Lsn endOfRecords() {
        // What was checked and is to be written in another segment does not count yet.
        Lsn valid = validatedEnd();
        return valid.isAfter(received) ? records : Lsn.max(records, valid);
    }

    private WalSegment segmentOf(Lsn position) throws IOException {
        WalSegment open = segment;
        if (open == null) {
            WalFileName name = name(end.history().timeline(), position);
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
        return verifier.map(check -> check.validatedEnd(end.written())).orElse(end.written());
    }

    /** Where the newest checkpoint that was written would begin to replay. */
    Optional<Lsn> checkpointRedo() {
        return verifier.flatMap(WalVerifier::checkpointRedo);
    }

    /** Forgets what was appended and not written, after a failure: the stream begins anew at the published end. */
    public void abandon() {
        releaseGathered();
        received = end.written();
    }

    /** Goes on with another timeline, or anew with the same. All that was written has been flushed. */
    void continueOn(WalEnd next, StoredWal stored) {
        abandon();
        closeSegment();
        verifier.ifPresent(check -> check.continueOn(stored));
        end = next;
        received = next.written();
        records = next.flushedRecords();
    }

    void closeSegment() {
        WalSegment open = segment;
        if (open != null) {
            open.release();
            segment = null;
        }
    }

    private void releaseGathered() {
        owned.forEach(ByteBuf::release);
        owned.clear();
        Arrays.fill(gathered, 0, count, null);
        count = 0;
    }

    /** The appended buffer while it is being cut up: each cut holds a reference of its own, the caller's ends here. */
    private record Lease(ByteBuf data) implements AutoCloseable {
        ByteBuf share() {
            return data.retain();
        }

        @Override
        public void close() {
            data.release();
        }
    }
}
