package io.walrelay.proxy.wal;

import io.walrelay.proxy.storage.Storage;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segments for the WAL to come, made off the upstream's loop, of removed ones as far as there are any, so that the
 * writer only has to rename one. Mirrors what {@code RemoveXlogFile} and {@code PreallocXlogFiles} of {@code xlog.c}
 * are for; but where PostgreSQL leaves old pages behind the end, here a segment is zeros, durably, before it gets a
 * segment's name.
 *
 * <pre>
 *   removed segment --&gt; old --&gt; (zeros, fsync) --&gt; ready --&gt; NAME.partial
 *                       new file -----^
 * </pre>
 *
 * They are called {@code xlogtemp.spare.N} until then: nobody takes them for WAL, and a start removes them.
 */
final class SpareSegments {
    /** How a file is called that is no segment yet: PostgreSQL removes what is called so, too, when it starts. */
    static final String TEMPORARY = "xlogtemp.";

    private static final String SPARE = TEMPORARY + "spare.";
    private static final Logger log = LoggerFactory.getLogger(SpareSegments.class);

    /** Together not more than the five segments that {@code min_wal_size} keeps by default. */
    private static final int MAX_READY = 2;

    private static final int MAX_OLD = 3;

    /**
     * Segments that are begun faster than this one after another, in nanoseconds, come of WAL that is fetched in bulk:
     * zeros would be as much to write as the WAL, and nobody's commit waits for its flush.
     */
    static final long BULK = TimeUnit.MILLISECONDS.toNanos(250);

    private final Storage storage;
    private final Path directory;
    private final WalSegmentSize segmentSize;
    private final OpenSegments open;
    private final LongSupplier nanoTime;
    private final AtomicLong number = new AtomicLong();
    private final Queue<Path> old = new ConcurrentLinkedQueue<>();
    private final Queue<Spare> ready = new ConcurrentLinkedQueue<>();
    private volatile Runnable taken = () -> {};

    /** Of the upstream loop: when the last segment was begun. */
    private long begun;

    /** Guarded by this. */
    private boolean closed;

    SpareSegments(
            Storage storage, Path directory, WalSegmentSize segmentSize, OpenSegments open, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong() - BULK;
        this.storage = storage;
        this.directory = directory;
        this.segmentSize = segmentSize;
        this.open = open;
    }

    /** A file full of zeros, durable but for its name. */
    private record Spare(Path path, StoredFile file) {}

    static boolean isSpare(String entry) {
        return entry.startsWith(SPARE);
    }

    /**
     * Has {@code listener} told, on the upstream loop, when a spare has been taken, or there was none; but not while
     * one segment follows another so fast that it is not worth the while.
     */
    void onTaken(Runnable listener) {
        taken = listener;
    }

    /**
     * Gives a spare the name of a partial segment. Neither waits nor writes. The name is not durable yet.
     *
     * @return empty if none is ready
     */
    Optional<StoredFile> take(Path partial) throws IOException {
        Spare spare = ready.poll();
        if (spare == null) {
            // The file that is made now takes the place of one that is not ready.
            deleteOld();
            tellTaken();
            return Optional.empty();
        }
        try {
            storage.rename(spare.path, partial);
        } catch (IOException e) {
            discard(spare);
            throw e;
        }
        tellTaken();
        return Optional.of(spare.file);
    }

    private void tellTaken() {
        long now = nanoTime.getAsLong();
        boolean bulk = now - begun < BULK;
        begun = now;
        if (!bulk) {
            taken.run();
        }
    }

    /**
     * Takes the file of a segment that is removed, if another is wanted.
     *
     * @return whether it is gone from its name
     */
    boolean recycle(WalFileName name, Path file) throws IOException {
        if (old.size() >= MAX_OLD) {
            return false;
        }
        Path spare = next();
        storage.rename(file, spare);
        if (open.isOpen(name)) {
            // Who has it open reads on: what is deleted stays as it is until it is closed.
            storage.delete(spare);
        } else {
            old.add(spare);
        }
        return true;
    }

    /** Makes spares as far as there is room, and gives them up as far as there is none. One thread at a time. */
    synchronized void prepare(DiskGuard guard) throws IOException {
        while (ready.size() < MAX_READY && !closed) {
            Path removed = old.poll();
            if (removed != null) {
                ready.add(overwritten(removed));
            } else if (guard.hasRoomForSpare()) {
                Path path = next();
                ready.add(zeroed(path, storage.create(path)));
            } else {
                break;
            }
        }
        while (guard.isExceeded() && (deleteOld() || deleteReady())) {
            log.debug("gave a spare WAL segment up, for want of room");
        }
    }

    private Spare overwritten(Path removed) throws IOException {
        // Were its old name still there after a crash, it would lead to zeros.
        storage.syncDirectory(directory);
        StoredFile file = storage.openToWrite(removed);
        if (file.size() != segmentSize.bytes()) {
            file.close();
            storage.delete(removed);
            return zeroed(removed, storage.create(removed));
        }
        return zeroed(removed, file);
    }

    private Spare zeroed(Path path, StoredFile file) throws IOException {
        Spare spare = new Spare(path, file);
        boolean complete = false;
        try {
            WalDirectory.fillWithZeros(file, 0, segmentSize.bytes());
            file.sync();
            complete = true;
        } finally {
            if (!complete) {
                discard(spare);
            }
        }
        return spare;
    }

    private boolean deleteOld() throws IOException {
        Path file = old.poll();
        if (file != null) {
            storage.delete(file);
        }
        return file != null;
    }

    private boolean deleteReady() throws IOException {
        Spare spare = ready.poll();
        if (spare != null) {
            discard(spare);
        }
        return spare != null;
    }

    private void discard(Spare spare) throws IOException {
        spare.file.close();
        storage.delete(spare.path);
    }

    private Path next() {
        return directory.resolve(SPARE + number.incrementAndGet());
    }

    /** Removes what a program left that is not there any more. Before anything else is done in the directory. */
    void removeStale() throws IOException {
        for (String entry : storage.list(directory)) {
            if (entry.startsWith(TEMPORARY)) {
                storage.delete(directory.resolve(entry));
            }
        }
    }

    /** Leaves none behind, for whoever uses the directory next. */
    synchronized void close() {
        closed = true;
        try {
            while (deleteOld() || deleteReady()) {
                log.trace("deleted a spare WAL segment");
            }
        } catch (IOException e) {
            log.warn("could not delete a spare WAL segment: {}", e.getMessage());
        }
    }
}
