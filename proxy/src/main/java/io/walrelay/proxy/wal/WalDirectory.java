package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.proxy.storage.FileVersion;
import io.walrelay.proxy.storage.Storage;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.SystemIdentifier;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalPageHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * {@code pg_wal}: which file holds what. Names are PostgreSQL's; a segment that is still being received is
 * {@code NAME.partial}, of full size, zeros behind what was received, as pg_receivewal writes it.
 */
public final class WalDirectory {
    private static final String PARTIAL = ".partial";
    private static final String DAMAGED = ".damaged";
    private static final int COPY_BUFFER = 128 << 10;

    private static final ByteBuffer ZERO = ByteBuffer.allocateDirect(1).asReadOnlyBuffer();

    /** One for all segments: memory outside the heap comes back only with a garbage collection, and none is due. */
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

    private final Storage storage;
    private final Path directory;
    private final WalSegmentSize segmentSize;
    private final HistoryFiles histories;
    private final OpenSegments open = new OpenSegments();
    private final SpareSegments spares;

    WalDirectory(Storage storage, Path directory, WalSegmentSize segmentSize) {
        this(storage, directory, segmentSize, System::nanoTime);
    }

    WalDirectory(Storage storage, Path directory, WalSegmentSize segmentSize, LongSupplier nanoTime) {
        this.storage = storage;
        this.directory = directory;
        this.segmentSize = segmentSize;
        this.histories = new HistoryFiles(storage, directory);
        this.spares = new SpareSegments(storage, directory, segmentSize, open, nanoTime);
    }

    /** Files for segments to come. */
    SpareSegments spares() {
        return spares;
    }

    /** The history files, which are kept among the segments. */
    public HistoryFiles histories() {
        return histories;
    }

    /** The segment size of the cluster whose WAL this is. */
    public WalSegmentSize segmentSize() {
        return segmentSize;
    }

    /**
     * Opens a segment to read it, complete or partial. The caller owns the one reference.
     *
     * @throws NoSuchFileException if it is not here (any more, or yet)
     */
    public WalSegment openToRead(WalFileName name) throws IOException {
        return open.open(name, () -> ofEither(name, storage::openToRead));
    }

    private interface Lookup<T> {
        T of(Path file) throws IOException;
    }

    private <T> T ofEither(WalFileName name, Lookup<T> lookup) throws IOException {
        try {
            return lookup.of(complete(name));
        } catch (NoSuchFileException notComplete) {
            try {
                return lookup.of(partial(name));
            } catch (NoSuchFileException renamedMeanwhile) {
                return lookup.of(complete(name));
            }
        }
    }

    /** Which file holds the segment, and as of when; empty if it is not here (any more, or yet). */
    Optional<FileVersion> version(WalFileName name) throws IOException {
        try {
            return Optional.of(ofEither(name, storage::version));
        } catch (NoSuchFileException notHere) {
            return Optional.empty();
        }
    }

    /** Whether the segment is here, complete or partial. Where that cannot be told, who opens it is told why. */
    boolean isHere(WalFileName name) {
        try {
            return storage.exists(complete(name)) || storage.exists(partial(name));
        } catch (IOException unknown) {
            return true;
        }
    }

    /**
     * Takes back what is behind a position: its segment becomes partial again, later ones of the timeline go. For WAL
     * that was never acknowledged and is to be received anew.
     */
    void reopen(WalFileName name) throws IOException {
        for (StoredSegment segment : segments(name.timeline())) {
            if (Long.compareUnsigned(segment.name().segmentNumber(), name.segmentNumber()) > 0) {
                storage.delete(complete(segment.name()));
                storage.delete(partial(segment.name()));
            }
        }
        if (storage.exists(complete(name))) {
            storage.rename(complete(name), partial(name));
        }
        sync();
    }

    /** Where the oldest segment of the history begins from which on all are here; empty if none is. */
    Optional<Lsn> oldest(TimelineHistory history) throws IOException {
        ServedSegments served = new ServedSegments(history, segmentSize);
        Set<WalFileName> here = segments().stream()
                .map(StoredSegment::name)
                .filter(served::contains)
                .collect(Collectors.toSet());
        Optional<WalFileName> oldest =
                here.stream().max(Comparator.comparing(WalFileName::segmentNumber, Long::compareUnsigned));
        while (oldest.isPresent() && here.contains(served.before(oldest.get()))) {
            oldest = Optional.of(served.before(oldest.get()));
        }
        return oldest.map(name -> segmentSize.start(name.segmentNumber()));
    }

    /** Opens the partial segment to go on writing it, or empty if there is none. */
    Optional<WalSegment> openPartial(WalFileName name) throws IOException {
        if (!storage.exists(partial(name))) {
            return Optional.empty();
        }
        return Optional.of(open.open(name, () -> storage.openToWrite(partial(name))));
    }

    /**
     * Creates a partial segment full of zeros: a spare one, whose blocks are written, or else a hole. It appears under
     * its name only when it has its full size; neither its name nor its contents are durable yet.
     */
    WalSegment createPartial(WalFileName name) throws IOException {
        return open.open(name, () -> {
            Optional<StoredFile> spare = spares.take(partial(name));
            return spare.isPresent() ? spare.get() : createFile(name);
        });
    }

    private StoredFile createFile(WalFileName name) throws IOException {
        Path temporary = directory.resolve(
                SpareSegments.TEMPORARY + ProcessHandle.current().pid());
        storage.delete(temporary);
        StoredFile file = storage.create(temporary);
        try {
            // Not written out: the writer waits for it, and is about to write WAL there.
            file.write(segmentSize.bytes() - 1L, ZERO.duplicate());
            storage.rename(temporary, partial(name));
        } catch (IOException e) {
            file.close();
            storage.delete(temporary);
            throw e;
        }
        return file;
    }

    /** Creates the file, under a temporary name, that is to replace a segment. */
    StoredFile createReplacement(WalFileName name) throws IOException {
        storage.delete(replacement(name));
        return storage.create(replacement(name));
    }

    /** Puts the file, whose contents are durable, into the place of the segment; durable when this returns. */
    void installReplacement(WalFileName name) throws IOException {
        storage.rename(replacement(name), complete(name));
        sync();
    }

    /** Removes the file if it was not installed. */
    void deleteReplacement(WalFileName name) throws IOException {
        storage.delete(replacement(name));
    }

    /** Creates a partial segment full of zeros, durable when this returns. */
    void beginWith(WalFileName name) throws IOException {
        WalSegment segment = createPartial(name);
        try {
            segment.file().sync();
        } finally {
            segment.release();
        }
        sync();
    }

    /** Writes zeros from {@code from} up to {@code to}, both byte offsets in the file. */
    static void fillWithZeros(StoredFile file, long from, long to) throws IOException {
        ByteBuffer zeros = ZEROS.duplicate();
        for (long at = from; at < to; ) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
            int count = zeros.remaining();
            file.write(at, zeros);
            at += count;
        }
    }

    /** Gives a partial segment, whose contents are durable, its final name. The name is durable after {@link #sync}. */
    void complete(WalSegment segment) throws IOException {
        storage.rename(partial(segment.name()), complete(segment.name()));
    }

    /** Removes a segment. */
    void delete(StoredSegment segment) throws IOException {
        storage.delete(file(segment));
    }

    /** Renames a segment so that nobody takes it for one; people may want to look at it. Tells the new name. */
    String putAside(StoredSegment segment) throws IOException {
        Path file = file(segment);
        Path aside = directory.resolve(file.getFileName() + ".aside");
        storage.rename(file, aside);
        return String.valueOf(aside.getFileName());
    }

    /**
     * Whether there is WAL at an offset: a record, or a page, begins with its length or its magic number, not with
     * zeros.
     */
    boolean isWritten(WalFileName name, int offset) throws IOException {
        WalSegment segment = openToRead(name);
        try {
            ByteBuffer begin = ByteBuffer.allocate(Long.BYTES);
            return segment.file().read(offset, begin) == Long.BYTES && begin.getLong(0) != 0;
        } finally {
            segment.release();
        }
    }

    /** Removes a segment that is needed no more; its file may be used for another. */
    void recycle(StoredSegment segment) throws IOException {
        if (!spares.recycle(segment.name(), file(segment))) {
            delete(segment);
        }
    }

    private Path file(StoredSegment segment) {
        return segment.complete() ? complete(segment.name()) : partial(segment.name());
    }

    /** Makes all segments, which another program may have written, and their names durable. */
    void syncAll() throws IOException {
        for (String entry : storage.list(directory)) {
            if (isSegmentFile(entry)) {
                try (StoredFile file = storage.openToWrite(directory.resolve(entry))) {
                    file.sync();
                }
            }
        }
        sync();
    }

    /** Makes the names in this directory durable. */
    void sync() throws IOException {
        storage.syncDirectory(directory);
    }

    /**
     * The newest timeline of which a segment is here.
     *
     * @throws IOException in PostgreSQL's words if its newest segment is of another cluster
     */
    Optional<TimelineId> newestTimeline(SystemIdentifier system) throws IOException {
        Optional<TimelineId> newest =
                segments().stream().map(segment -> segment.name().timeline()).max(Comparator.naturalOrder());
        if (newest.isPresent()) {
            requireSystem(segments(newest.get()).getLast().name(), system);
        }
        return newest;
    }

    private void requireSystem(WalFileName name, SystemIdentifier system) throws IOException {
        Optional<SystemIdentifier> written =
                firstPage(name).filter(WalPageHeader::isLong).map(WalPageHeader::systemIdentifier);
        if (written.isPresent() && !written.get().equals(system)) {
            throw new IOException("WAL file \"" + name.format(segmentSize)
                    + "\" is from different database system: WAL file database system identifier is "
                    + written.get() + ", the primary's is " + system);
        }
    }

    /**
     * The header that a segment begins with, whatever is in it; empty if the file is shorter.
     *
     * @throws NoSuchFileException if the segment is not here
     */
    Optional<WalPageHeader> firstPage(WalFileName name) throws IOException {
        WalSegment segment = openToRead(name);
        try {
            ByteBuf header = Unpooled.buffer(WalPageHeader.LONG_LENGTH);
            int read = segment.file().read(0, header.nioBuffer(0, WalPageHeader.LONG_LENGTH));
            header.setIndex(0, read);
            return read == WalPageHeader.LONG_LENGTH
                    ? Optional.of(new WalPageHeader().read(header, 0))
                    : Optional.empty();
        } finally {
            segment.release();
        }
    }

    static boolean isSegmentFile(String entry) {
        return WalFileName.isSegment(entry) || WalFileName.isPartial(entry);
    }

    /** All segments that are here, complete or partial, of whatever timeline. */
    List<StoredSegment> segments() throws IOException {
        return storage.list(directory).stream()
                .flatMap(entry -> stored(entry).stream())
                .toList();
    }

    /** The segments of a timeline that are here, complete or partial, oldest first. */
    List<StoredSegment> segments(TimelineId timeline) throws IOException {
        return segments().stream()
                .filter(segment -> segment.name().timeline().equals(timeline))
                .sorted(Comparator.comparing(segment -> segment.name().segmentNumber(), Long::compareUnsigned))
                .toList();
    }

    private Optional<StoredSegment> stored(String entry) {
        boolean complete = WalFileName.isSegment(entry);
        if (!complete && !WalFileName.isPartial(entry)) {
            return Optional.empty();
        }
        String name = complete ? entry : entry.substring(0, entry.length() - PARTIAL.length());
        return WalFileName.parse(name, segmentSize).map(parsed -> new StoredSegment(parsed, complete));
    }

    /** A segment that is here. {@code complete}: received to its last byte, and durable. */
    record StoredSegment(WalFileName name, boolean complete) {}

    /**
     * Keeps a copy of a partial segment, before what is behind its valid WAL is overwritten; the first, if there are
     * more.
     */
    void keepDamaged(WalFileName name) throws IOException {
        Path copy = directory.resolve(name.format(segmentSize) + DAMAGED);
        if (storage.exists(copy) || !storage.exists(partial(name))) {
            return;
        }
        try (StoredFile from = storage.openToRead(partial(name));
                StoredFile to = storage.create(copy)) {
            ByteBuffer buffer = ByteBuffer.allocate(COPY_BUFFER);
            for (long at = 0; from.read(at, buffer.clear()) > 0; at += buffer.limit()) {
                to.write(at, buffer.flip().duplicate());
            }
            to.sync();
        }
    }

    /** Removes the copies of partial segments that have been received to their end since. */
    void deleteDamaged() throws IOException {
        for (String entry : storage.list(directory)) {
            if (entry.endsWith(DAMAGED)
                    && !storage.exists(
                            directory.resolve(entry.substring(0, entry.length() - DAMAGED.length()) + PARTIAL))) {
                storage.delete(directory.resolve(entry));
            }
        }
    }

    private Path replacement(WalFileName name) {
        return directory.resolve(SpareSegments.TEMPORARY + name.format(segmentSize));
    }

    private Path complete(WalFileName name) {
        return directory.resolve(name.format(segmentSize));
    }

    private Path partial(WalFileName name) {
        return directory.resolve(name.format(segmentSize) + PARTIAL);
    }
}
