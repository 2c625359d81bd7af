package io.walrelay.proxy.wal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.proxy.storage.FileVersion;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.WalSegmentSize;
import io.walrelay.replication.wal.WalFormat;
import io.walrelay.replication.wal.WalFormatException;
import io.walrelay.replication.wal.WalStreamChecker;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads one stored segment and checks its pages and all records that begin in it, also one that goes on behind it. The
 * rest of a record that began before it belongs to the check of the segment before. Blocks; one thread at a time, once
 * for each check.
 */
final class SegmentCheck {
    private static final int CHUNK = 128 << 10;

    private final WalDirectory directory;
    private final WalFormat format;
    private final WalEnd wal;
    private final WarmWal warm;
    private final ServedSegments served;
    private final Lsn written;
    private final Map<WalFileName, Optional<FileVersion>> read = new HashMap<>();

    /**
     * A check that has read nothing yet.
     *
     * @param wal what is there to be read
     * @param warm told what was read, which is in memory then
     */
    SegmentCheck(WalDirectory directory, WalFormat format, WalEnd wal, WarmWal warm) {
        this.directory = directory;
        this.format = format;
        this.wal = wal;
        this.warm = warm;
        this.served = new ServedSegments(wal.history(), directory.segmentSize());
        this.written = wal.written();
    }

    /** What the segment begins with of a record that began before; as much as can be if it cannot be read. */
    RecordRest recordRest(WalFileName name) {
        try {
            note(name);
            return RecordRest.in(directory, name);
        } catch (IOException e) {
            // Were it taken for none, a record of which only the rest is sound would pass.
            return RecordRest.UNKNOWN;
        }
    }

    /** What is wrong; empty if nothing is, or if the segment is not here. */
    Optional<SegmentDamage> check(WalFileName name) {
        WalSegmentSize size = directory.segmentSize();
        List<WalFileName> files = new ArrayList<>(List.of(name));
        WalStreamChecker checker = new WalStreamChecker(format, timelineBehind(name), size.start(name.segmentNumber()));
        Lsn end = served.end(name);
        try {
            feed(checker, name, end);
            WalFileName next = name;
            while (goesOn(checker, end)) {
                if (size.isBoundary(checker.position())) {
                    next = served.after(next);
                    files.add(next);
                }
                feed(checker, next, Lsn.min(written, checker.position().plus(WalFormat.PAGE_SIZE)));
            }
        } catch (NoSuchFileException removed) {
            return Optional.empty();
        } catch (WalFormatException invalid) {
            return checker.validatedEnd().isBefore(end)
                    ? Optional.of(new SegmentDamage(checker.validatedEnd(), invalid.lsn(), invalid.message(), files))
                    : Optional.empty();
        } catch (IOException unreadable) {
            String reason = "could not read from WAL segment " + files.getLast().format(size) + ", LSN "
                    + checker.position() + ": " + unreadable.getMessage();
            return Optional.of(new SegmentDamage(checker.validatedEnd(), checker.position(), reason, files));
        }
        return Optional.empty();
    }

    /** A record that began in the segment is to be read to its end, as far as it is here. */
    private boolean goesOn(WalStreamChecker checker, Lsn end) {
        return checker.incompleteRecord().isPresent()
                && checker.validatedEnd().isBefore(end)
                && directory.segmentSize().isBoundary(end)
                && checker.position().isBefore(written);
    }

    private TimelineId timelineBehind(WalFileName name) {
        return served.contains(name) ? served.after(name).timeline() : name.timeline();
    }

    /** The complete segments that were read so far, as their files were before. */
    Map<WalFileName, Optional<FileVersion>> read() {
        return Map.copyOf(read);
    }

    private void note(WalFileName name) throws IOException {
        if (!read.containsKey(name) && served.isComplete(name, wal.flushed())) {
            read.put(name, directory.version(name));
        }
    }

    private void feed(WalStreamChecker checker, WalFileName name, Lsn end) throws IOException {
        note(name);
        WalSegment segment = directory.openToRead(name);
        try {
            feed(checker, name, segment.file(), end);
        } finally {
            segment.release();
        }
    }

    private void feed(WalStreamChecker checker, WalFileName name, StoredFile file, Lsn end) throws IOException {
        ByteBuf chunk = Unpooled.buffer(CHUNK, CHUNK);
        while (checker.position().isBefore(end)) {
            int offset = directory.segmentSize().offset(checker.position());
            int wanted = (int) Math.min(CHUNK, end.minus(checker.position()));
            int read = file.read(offset, chunk.nioBuffer(0, wanted));
            if (read < wanted) {
                throw new IOException("read " + read + " of " + wanted + " bytes");
            }
            warm.read(name, offset + read);
            checker.feed(chunk.setIndex(0, read));
        }
    }

    /**
     * Checks what is to take the place of a segment, by itself: all but a record that goes on behind it.
     *
     * @throws WalFormatException if it is not valid
     */
    void requireValid(WalFileName name, StoredFile file) throws IOException {
        Lsn start = directory.segmentSize().start(name.segmentNumber());
        feed(
                new WalStreamChecker(format, name.timeline(), start),
                name,
                file,
                served.size().start(name.segmentNumber() + 1));
    }
}
