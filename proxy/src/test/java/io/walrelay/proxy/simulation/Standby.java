package io.walrelay.proxy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walsender.SimulatedSender;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A client with a slot: it takes WAL in pieces, reports flushes, goes away and comes back, follows the timelines. It
 * outlives the relay; one that has gone beyond a fork is built anew.
 */
final class Standby {
    private final String slot;
    private final Run run;
    private final RandomGenerator random;
    private @Nullable Relay connectedTo;
    private @Nullable SimulatedSender sender;
    private TimelineId timeline = TimelineId.FIRST;
    private Lsn flushed = Lsn.INVALID;

    /** A flipped bit that it has got, with the beginning of a record. */
    private @Nullable Flip got;

    Standby(String slot, Run run, RandomGenerator random) {
        this.slot = slot;
        this.run = run;
        this.random = random;
    }

    void step() {
        if (!run.up().isFounded()) {
            return;
        }
        if (!run.hasSlot(slot)) {
            build();
        } else if (random.nextInt(25) == 0) {
            disconnect();
        } else {
            run.take(this::stream);
        }
    }

    /** Begins with what the relay has. */
    private void build() {
        sender = null;
        got = null;
        run.createSlot(slot);
        WalStore store = run.up().store();
        Lsn from = run.slotCreatedAt(slot);
        timeline = store.end().history().timelineAt(from);
        flushed = from;
    }

    private void disconnect() {
        sender = null;
        run.take(up -> up.slots().find(slot).ifPresent(up.slots()::release));
    }

    private void stream(Relay up) throws IOException {
        if (connectedTo != up || sender == null) {
            connect(up);
        }
        SimulatedSender from = sender;
        if (from == null) {
            return;
        }
        if (from.isTakenBack()) {
            beginAnew();
            return;
        }
        requireTold(up);
        ReplicationSlot held = up.slots().find(slot).orElseThrow();
        if (held.invalidation().isPresent()) {
            leave(up, held);
            return;
        }
        Lsn begin = from.sent();
        try {
            byte[] wal = from.next(1 + random.nextInt(300_000));
            if (run.received(from.timeline(), begin, wal)) {
                got = run.flip().orElseThrow();
            }
        } catch (NoSuchFileException e) {
            throw new AssertionError("WAL that slot " + slot + " keeps is not here: " + begin, e);
        } catch (PgException damaged) {
            // It could not be fetched again so far.
            assertThat(damaged.sqlState()).isEqualTo(SqlState.DATA_CORRUPTED);
            sender = null;
            return;
        }
        Optional<?> next = from.ended();
        if (random.nextBoolean() || next.isPresent()) {
            flushed = Lsn.max(flushed, from.sent());
            Lsn known = Lsn.min(flushed, up.written());
            run.promiseAdvanced(slot, known);
            held.advance(known);
        }
        if (from.ended().isPresent()) {
            timeline = from.ended().get().next();
            sender = null;
        }
    }

    /**
     * A client that has got a flipped bit has to begin anew once it was found, unless its timeline has ended before.
     */
    private void requireTold(Relay up) {
        if (got != null && got.timeline().equals(up.store().end().history().timeline())) {
            assertThat(run.flip())
                    .as("the flipped bit that %s has got is still there", slot)
                    .contains(got);
        }
    }

    /** What it has got of a record was not right: as a server does, it replays none of it, and asks for it again. */
    private void beginAnew() {
        sender = null;
        if (got != null) {
            flushed = Lsn.min(flushed, got.record());
            got = null;
        }
    }

    /** The slot was invalidated, and the session is being ended: its last report changes nothing. */
    private void leave(Relay up, ReplicationSlot held) {
        held.advance(up.written());
        assertThat(held.invalidation())
                .as("invalidation of slot %s, while its session lasts", slot)
                .isPresent();
        sender = null;
        run.giveUpSlot(slot, up);
    }

    private void connect(Relay up) throws IOException {
        WalStore store = up.store();
        TimelineHistory history = store.end().history();
        boolean diverged = !history.contains(timeline)
                || history.switchPoint(timeline).filter(flushed::isAfter).isPresent();
        if (diverged) {
            sender = null;
            run.giveUpSlot(slot, up);
            return;
        }
        beginAnew();
        if (up.slots().find(slot).orElseThrow().invalidation().isPresent()) {
            run.giveUpSlot(slot, up);
            return;
        }
        connectedTo = up;
        Lsn start = WalFiles.SIZE.segmentStart(flushed);
        sender = new SimulatedSender(store, timeline, start);
        up.slots().acquire(slot, slot.hashCode());
    }
}
