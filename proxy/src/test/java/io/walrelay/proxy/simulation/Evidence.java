package io.walrelay.proxy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.wal.WalDirectory;
import io.walrelay.proxy.wal.WalSegment;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Holds what the relay has said about WAL against the truth and the disk. */
final class Evidence {
    /** Where {@code xlp_pageaddr} is in a page's header. */
    private static final int PAGE_ADDRESS = 8;

    private final World world;
    private final SimulatedDisk disk;
    private final StoredDamage damage;

    /** Up to where WAL of each timeline was reported as flushed. */
    private final Map<TimelineId, Lsn> acknowledged = new TreeMap<>();

    /** A bit that was flipped, and may be in what is written and not acknowledged. */
    private @Nullable Flip flip;

    Evidence(World world, SimulatedDisk disk, StoredDamage damage) {
        this.world = world;
        this.disk = disk;
        this.damage = damage;
    }

    /** A bit is being flipped. */
    void flipped(Flip next) {
        flip = next;
    }

    /** The flipped bit that may be there. */
    Optional<Flip> flip() {
        return Optional.ofNullable(flip);
    }

    /** Looks whether what the flipped bit was in has been taken back. */
    void settleFlip(WalStore store) {
        Flip known = flip;
        if (known != null
                && (!store.end().history().timeline().equals(known.timeline())
                        || !store.end().written().isAfter(known.position()))) {
            flip = null;
        }
    }

    /** The upstream was told that WAL is flushed: it must be durable, and under names that are durable. */
    void acknowledged(TimelineId timeline, Lsn flushed) {
        Lsn before = acknowledged.getOrDefault(timeline, Lsn.INVALID);
        if (!flushed.isAfter(Lsn.max(before, SampleCluster.START))) {
            return;
        }
        Lsn begin = world.line(timeline).history().begin(timeline);
        Lsn from = before.isValid() ? before : WalFiles.SIZE.segmentStart(Lsn.max(begin, SampleCluster.START));
        for (Lsn at = from; at.isBefore(flushed); at = nextSegment(at)) {
            WalFileName name = WalFiles.name(timeline, at);
            Optional<Inode> file = disk.durable(WalFiles.complete(name)).or(() -> disk.durable(WalFiles.partial(name)));
            assertThat(file)
                    .as("durable file of %s, acknowledged on timeline %s", at, timeline)
                    .isPresent();
            ByteBuffer wal =
                    ByteBuffer.allocate((int) Lsn.min(flushed, nextSegment(at)).minus(at));
            file.orElseThrow().readDurable(WalFiles.SIZE.offset(at), wal);
            compare(timeline, at, wal, "durable, and acknowledged", position -> false);
        }
        acknowledged.put(timeline, flushed);
    }

    /** What is readable is the truth, but for what was flipped on the disk. */
    void served(TimelineId timeline, Lsn from, WalDirectory directory, Lsn end) throws IOException {
        for (Lsn at = from; at.isBefore(end); at = nextSegment(at)) {
            ByteBuffer wal =
                    ByteBuffer.allocate((int) Lsn.min(end, nextSegment(at)).minus(at));
            WalFileName name = WalFiles.name(timeline, at);
            int offset = WalFiles.SIZE.offset(at);
            disk.look(() -> read(directory, name, offset, wal));
            compare(
                    timeline,
                    at,
                    wal,
                    "here",
                    position -> isFlip(timeline, position) || damage.explains(name, position));
        }
    }

    private static void read(WalDirectory directory, WalFileName name, int offset, ByteBuffer wal) throws IOException {
        try {
            WalSegment segment = directory.openToRead(name);
            segment.file().read(offset, wal);
            segment.release();
        } catch (NoSuchFileException e) {
            throw new AssertionError("WAL in " + name.format(WalFiles.SIZE) + " is not here", e);
        }
    }

    /**
     * What a client has got is the truth, but for a flipped bit in a record that is not complete: whether it has that.
     */
    boolean received(TimelineId timeline, Lsn from, byte[] wal) {
        return compare(
                timeline,
                from,
                ByteBuffer.wrap(wal).position(wal.length),
                "sent",
                position -> isFlip(timeline, position) || damage.isBeyondChecks(position));
    }

    /** The truth of a timeline. */
    World.Line line(TimelineId timeline) {
        return world.line(timeline);
    }

    /** Behind its end, the segment that was being received has no pages of another that its file was before. */
    void requireNoOldPages(WalStore store) throws IOException {
        Lsn end = store.end().written();
        Path partial = WalFiles.partial(WalFiles.name(store.end().history().timeline(), end));
        ByteBuffer file = ByteBuffer.allocate(WalFiles.SIZE.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        disk.look(() -> {
            if (disk.exists(partial)) {
                disk.openToRead(partial).read(0, file);
            }
        });
        Lsn start = WalFiles.SIZE.segmentStart(end);
        for (int page = 0; page < file.capacity(); page += WalFormat.PAGE_SIZE) {
            assertThat(file.getLong(page + PAGE_ADDRESS))
                    .as("address of the page at %s, in the segment in which WAL ends at %s", start.plus(page), end)
                    .isIn(0L, start.plus(page).value());
        }
    }

    void requireNothingAcknowledged() {
        assertThat(acknowledged).as("acknowledged, and now there is no WAL").isEmpty();
    }

    /** After a restart. */
    void recovered(WalStore store, SlotRegistry slots) throws IOException {
        TimelineHistory history = store.end().history();
        Lsn end = store.end().flushed();
        assertThat(end)
                .as("recovered end")
                .isLessThanOrEqualTo(world.line(history.timeline()).end());
        Lsn kept = end;
        for (ReplicationSlot slot : slots.all()) {
            kept = slot.restartLsn().isValid() ? Lsn.min(kept, slot.restartLsn()) : kept;
        }
        kept = WalFiles.SIZE.segmentStart(Lsn.max(kept, SampleCluster.START));
        for (Lsn at = kept; at.isBefore(end); at = nextSegment(at)) {
            TimelineId timeline =
                    history.timelineAt(Lsn.min(nextSegment(at), end).plus(-1));
            served(timeline, at, store.directory(), Lsn.min(end, nextSegment(at)));
        }
        for (Map.Entry<TimelineId, Lsn> entry : acknowledged.entrySet()) {
            TimelineId timeline = entry.getKey();
            assertThat(history.contains(timeline))
                    .as("timeline %s, acknowledged", timeline)
                    .isTrue();
            Optional<Lsn> switchPoint = history.switchPoint(timeline);
            if (switchPoint.isEmpty()) {
                assertThat(end)
                        .as("recovered end, of what was acknowledged")
                        .isGreaterThanOrEqualTo(recoverable(timeline, entry.getValue()));
            } else {
                served(timeline, switchPoint.get(), store.directory(), entry.getValue());
            }
        }
    }

    private boolean isFlip(TimelineId timeline, Lsn position) {
        return flip().filter(known ->
                        known.timeline().equals(timeline) && known.position().equals(position))
                .isPresent();
    }

    /** What begins in a damaged segment and goes on in the one that was being received is received again. */
    private Lsn recoverable(TimelineId timeline, Lsn flushed) {
        Lsn start = WalFiles.SIZE.segmentStart(flushed);
        return damage.isIn(WalFiles.name(timeline, start.plus(-1))) ? start : flushed;
    }

    /** Compares, and tells whether a bit was flipped on the way, which is tolerated. */
    private boolean compare(TimelineId timeline, Lsn from, ByteBuffer read, String what, Predicate<Lsn> tolerated) {
        byte[] truth = world.line(timeline).wal();
        int begin = (int) from.minus(SampleCluster.START);
        int wrong = mismatch(read, 0, truth, begin);
        boolean flipped = false;
        while (wrong >= 0 && tolerated.test(from.plus(wrong))) {
            flipped |= isFlip(timeline, from.plus(wrong));
            wrong = mismatch(read, wrong + 1, truth, begin);
        }
        if (wrong >= 0) {
            throw new AssertionError("WAL of timeline " + timeline + " from " + from + ", " + read.capacity()
                    + " bytes, is " + what + ", but differs from the truth at " + from.plus(wrong)
                    + flip().map(known -> "; " + known).orElse(""));
        }
        return flipped;
    }

    private static int mismatch(ByteBuffer read, int from, byte[] truth, int begin) {
        int different = read.slice(from, read.position() - from)
                .mismatch(ByteBuffer.wrap(truth, begin + from, read.capacity() - from));
        return different < 0 ? different : from + different;
    }

    private static Lsn nextSegment(Lsn position) {
        return WalFiles.SIZE.segmentStart(position).plus(WalFiles.SIZE.bytes());
    }
}
