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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Holds what the relay has said about WAL against the truth and the disk. */
final class Evidence {
    private final World world;
    private final SimulatedDisk disk;

    /** Up to where WAL of each timeline was reported as flushed. */
    private final Map<TimelineId, Lsn> acknowledged = new TreeMap<>();

    /** A bit that was flipped, and may be in what is written and not acknowledged. */
    private @Nullable Flip flip;

    Evidence(World world, SimulatedDisk disk) {
        this.world = world;
        this.disk = disk;
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
            compare(timeline, at, wal, "durable, and acknowledged", Optional.empty());
        }
        acknowledged.put(timeline, flushed);
    }

    /** What is readable is the truth. */
    void served(TimelineId timeline, Lsn from, WalDirectory directory, Lsn end) throws IOException {
        for (Lsn at = from; at.isBefore(end); at = nextSegment(at)) {
            ByteBuffer wal =
                    ByteBuffer.allocate((int) Lsn.min(end, nextSegment(at)).minus(at));
            WalFileName name = WalFiles.name(timeline, at);
            int offset = WalFiles.SIZE.offset(at);
            disk.look(() -> read(directory, name, offset, wal));
            compare(timeline, at, wal, "served", flip());
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

    /** What a client has got is the truth, but for a flipped bit in a record that is not complete: whether it has that. */
    boolean received(TimelineId timeline, Lsn from, byte[] wal) {
        return compare(timeline, from, ByteBuffer.wrap(wal).position(wal.length), "sent", flip());
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
                assertThat(end).as("recovered end, of what was acknowledged").isGreaterThanOrEqualTo(entry.getValue());
            } else {
                served(timeline, switchPoint.get(), store.directory(), entry.getValue());
            }
        }
    }

    /** Compares, and tells whether the flipped bit is in it. */
    private boolean compare(TimelineId timeline, Lsn from, ByteBuffer read, String what, Optional<Flip> tolerated) {
        byte[] truth = world.line(timeline).wal();
        int begin = (int) from.minus(SampleCluster.START);
        int different = mismatch(read, 0, truth, begin);
        boolean flipped = different >= 0
                && tolerated.isPresent()
                && tolerated.get().timeline().equals(timeline)
                && tolerated.get().position().equals(from.plus(different));
        int wrong = flipped ? mismatch(read, different + 1, truth, begin) : different;
        if (wrong >= 0) {
            throw new AssertionError("WAL of timeline " + timeline + " from " + from + ", " + read.capacity()
                    + " bytes, is " + what + ", but differs from the truth at " + from.plus(wrong)
                    + tolerated.map(flip -> "; " + flip).orElse(""));
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
