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
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Holds what the relay has said about WAL against the truth and the disk. */
final class Evidence {
    private final World world;
    private final SimulatedDisk disk;

    /** Up to where WAL of each timeline was reported as flushed. */
    private final Map<TimelineId, Lsn> acknowledged = new TreeMap<>();

    Evidence(World world, SimulatedDisk disk) {
        this.world = world;
        this.disk = disk;
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
            compare(timeline, at, wal, "durable, and acknowledged");
        }
        acknowledged.put(timeline, flushed);
    }

    /** What is readable is the truth. */
    void served(TimelineId timeline, Lsn from, WalDirectory directory, Lsn end) throws IOException {
        for (Lsn at = from; at.isBefore(end); at = nextSegment(at)) {
            ByteBuffer wal =
                    ByteBuffer.allocate((int) Lsn.min(end, nextSegment(at)).minus(at));
            try {
                WalSegment segment = directory.openToRead(WalFiles.name(timeline, at));
                segment.file().read(WalFiles.SIZE.offset(at), wal);
                segment.release();
            } catch (NoSuchFileException e) {
                throw new AssertionError("WAL of timeline " + timeline + " at " + at + " is not here", e);
            }
            compare(timeline, at, wal, "served");
        }
    }

    /** What a client has got is the truth. */
    void received(TimelineId timeline, Lsn from, byte[] wal) {
        byte[] truth = world.line(timeline).wal();
        int begin = (int) from.minus(SampleCluster.START);
        int different = Arrays.mismatch(wal, 0, wal.length, truth, begin, begin + wal.length);
        assertThat(different)
                .as("where what was sent on timeline %s from %s differs", timeline, from)
                .isNegative();
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
            kept = Lsn.min(kept, slot.restartLsn());
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

    private void compare(TimelineId timeline, Lsn from, ByteBuffer read, String what) {
        byte[] truth = world.line(timeline).wal();
        int begin = (int) from.minus(SampleCluster.START);
        int different = read.flip().mismatch(ByteBuffer.wrap(truth, begin, read.capacity()));
        if (different >= 0) {
            throw new AssertionError("WAL of timeline " + timeline + " from " + from + ", " + read.capacity()
                    + " bytes, is " + what + ", but differs from the truth at " + from.plus(different));
        }
    }

    private static Lsn nextSegment(Lsn position) {
        return WalFiles.SIZE.segmentStart(position).plus(WalFiles.SIZE.bytes());
    }
}
