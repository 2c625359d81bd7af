package io.walrelay.proxy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.storage.StoredFile;
import io.walrelay.proxy.wal.SegmentReplacement;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Stored segments of which a bit is flipped on the relay's disk, by somebody who writes there or by the medium itself,
 * and how they are fetched again.
 */
final class StoredDamage {
    private final World world;
    private final SimulatedDisk disk;
    private @Nullable Place place;

    /** A byte of a file, and in which file its record begins. */
    private record Place(WalFileName name, Lsn position, WalFileName record) {}

    StoredDamage(World world, SimulatedDisk disk) {
        this.world = world;
        this.disk = disk;
    }

    /**
     * Flips a bit of a complete segment, in a record that is here as a whole; tells whether there is one. Not before
     * the one that was flipped last is mended: what a record that begins behind damage has in the next segment cannot
     * be checked.
     */
    boolean flip(WalStore store, RandomGenerator random, boolean bySomebody) throws IOException {
        List<WalFileName> stored = served(store);
        if (stored.isEmpty() || (place != null && stored.contains(place.name()) && mismatch(place.name()) >= 0)) {
            return false;
        }
        WalFileName name = stored.get(random.nextInt(stored.size()));
        return flip(
                store,
                WalFiles.SIZE.start(name.segmentNumber()).plus(random.nextInt(WalFiles.SIZE.bytes())),
                bySomebody);
    }

    private boolean flip(WalStore store, Lsn position, boolean bySomebody) {
        WalFileName name = segmentOf(store.end().history(), position);
        Optional<Flip> flip = Flip.at(world.line(name.timeline()), position).filter(found -> isHere(store, found));
        flip.ifPresent(found -> {
            disk.change(WalFiles.complete(name), WalFiles.SIZE.offset(position), 1, bySomebody);
            place = new Place(name, position, segmentOf(store.end().history(), found.record()));
        });
        return flip.isPresent();
    }

    /** Flips the first bit of a segment's file, from a position on, that is in a record which is here as a whole. */
    void flipFirst(WalStore store, Lsn position) {
        Lsn at = position;
        while (!flip(store, at, true)) {
            at = at.plus(8);
            assertThat(WalFiles.SIZE.segmentNumber(at)).isEqualTo(WalFiles.SIZE.segmentNumber(position));
        }
    }

    private static WalFileName segmentOf(TimelineHistory history, Lsn position) {
        Lsn last = WalFiles.SIZE.segmentStart(position).plus(WalFiles.SIZE.bytes() - 1L);
        return WalFiles.name(history.timelineAt(last), position);
    }

    /** Complete segments that are served, and that no refetch of what comes in would make partial again. */
    private List<WalFileName> served(WalStore store) {
        TimelineHistory history = store.end().history();
        Lsn kept = WalFiles.SIZE.segmentStart(store.end().flushedRecords());
        return disk.names(WalFiles.DIRECTORY).stream()
                .filter(WalFileName::isSegment)
                .flatMap(name -> WalFileName.parse(name, WalFiles.SIZE).stream())
                .filter(name -> {
                    Lsn end = WalFiles.SIZE.start(name.segmentNumber() + 1);
                    return !end.isAfter(kept)
                            && history.timelineAt(end.plus(-1)).equals(name.timeline());
                })
                .toList();
    }

    /**
     * Whether the record is here from its beginning to its end, in complete segments. One that ends in the segment that
     * is being received is not told from one that a crash cut off, after a restart.
     */
    private boolean isHere(WalStore store, Flip flip) {
        TimelineHistory history = store.end().history();
        Lsn kept = WalFiles.SIZE.segmentStart(store.end().flushedRecords());
        Lsn end = history.switchPoint(flip.timeline())
                .map(at -> Lsn.min(at, kept))
                .orElse(kept);
        return !flip.found().isAfter(end) && isHere(segmentOf(history, flip.record()));
    }

    private boolean isHere(WalFileName name) {
        return disk.names(WalFiles.DIRECTORY).contains(name.format(WalFiles.SIZE));
    }

    /** Whether a file's byte that is not the truth was flipped on the disk. */
    boolean explains(WalFileName name, Lsn position) {
        Place known = place;
        return known != null && known.name().equals(name) && known.position().equals(position);
    }

    /** The same, where nobody can tell any more: the segment that its record began in was removed since. */
    boolean isBeyondChecks(Lsn position) {
        Place known = place;
        return known != null && known.position().equals(position) && !isHere(known.record());
    }

    /** Whether a file was damaged, and maybe mended since. */
    boolean isIn(WalFileName name) {
        return place != null && place.name().equals(name);
    }

    /** What the refetcher does, with an upstream that has WAL of a line up to its end. */
    void mend(WalStore store, World.Line upstream, Lsn end) {
        for (WalFileName name : store.integrity().damaged()) {
            try {
                fetch(store, name, upstream, end);
                store.integrity().replaced(name);
            } catch (IOException e) {
                store.integrity().refetchFailed(name, String.valueOf(e.getMessage()));
            }
        }
    }

    private void fetch(WalStore store, WalFileName name, World.Line upstream, Lsn end) throws IOException {
        Lsn start = WalFiles.SIZE.start(name.segmentNumber());
        Lsn behind = start.plus(WalFiles.SIZE.bytes());
        Lsn available = upstream.history().switchPoint(name.timeline()).orElse(end);
        if (!upstream.history().contains(name.timeline()) || available.isBefore(behind)) {
            throw new IOException("requested WAL segment has already been removed");
        }
        byte[] wal = world.line(name.timeline()).wal();
        int from = (int) start.minus(SampleCluster.START);
        try (SegmentReplacement replacement = store.integrity().replace(name)) {
            int half = WalFiles.SIZE.bytes() / 2;
            replacement.write(Unpooled.wrappedBuffer(wal, from, half));
            replacement.write(Unpooled.wrappedBuffer(wal, from + half, half));
            replacement.install();
        }
    }

    /** All that is damaged has been found, and mended. */
    void requireMended(WalStore store) throws IOException {
        for (WalFileName name : served(store)) {
            long wrong = mismatch(name);
            if (wrong >= 0) {
                Lsn position = WalFiles.SIZE.start(name.segmentNumber()).plus(wrong);
                assertThat(isBeyondChecks(position))
                        .as("what is wrong in %s at %s, of %s", name.format(WalFiles.SIZE), position, place)
                        .isTrue();
            }
        }
    }

    /** The first byte of a complete file that is not the truth; negative if there is none. */
    private int mismatch(WalFileName name) throws IOException {
        byte[] wal = new byte[WalFiles.SIZE.bytes()];
        disk.look(() -> {
            try (StoredFile file = disk.openToRead(WalFiles.complete(name))) {
                file.read(0, ByteBuffer.wrap(wal));
            }
        });
        int from = (int) WalFiles.SIZE.start(name.segmentNumber()).minus(SampleCluster.START);
        return Arrays.mismatch(wal, 0, wal.length, world.line(name.timeline()).wal(), from, from + wal.length);
    }
}
