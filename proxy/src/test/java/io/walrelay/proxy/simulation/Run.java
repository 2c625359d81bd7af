package io.walrelay.proxy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.simulation.PromisedSlot.Existence;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.wal.WalOpener;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walreceiver.SimulatedStream;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A relay between a simulated upstream and clients, on a simulated disk, step by step. Every step may be taken at any
 * time, and again; if the program ends in it, it is started anew. What the relay has told others is checked against the
 * truth, against the disk, and against what is there after a restart.
 */
final class Run {
    private static final int ATTEMPTS = 300;

    /** Between two steps; after it, what somebody has written to a file is seen. */
    private static final long A_MOMENT = Duration.ofMillis(10).toNanos();

    /** What a check holds for while nobody writes to the file. */
    private static final long A_CHECKS_TIME = Duration.ofMinutes(5).toNanos();

    private final SimulatedDisk disk;
    private final Operator operator;
    private final Feed feed;
    private int starts;
    private final RandomGenerator random;
    private final RandomGenerator chance;
    private final Evidence evidence;
    private final StoredDamage damage;
    private long now;
    private final Map<String, PromisedSlot> slots = new LinkedHashMap<>();
    private @Nullable Relay relay;
    private int failuresSeen;
    private Lsn servable = Lsn.INVALID;
    private TimelineId servableOn = TimelineId.FIRST;

    /**
     * @param random decides what happens
     * @param chance decides what a crash leaves
     */
    Run(World world, SimulatedDisk disk, Operator operator, RandomGenerator random, RandomGenerator chance) {
        this.chance = chance;
        this.operator = operator;
        this.disk = disk;
        this.random = random;
        this.damage = new StoredDamage(world, disk);
        this.evidence = new Evidence(world, disk, damage);
        this.feed = new Feed(world, operator, evidence, random);
    }

    /** Something that happens to the relay. */
    @FunctionalInterface
    interface Step {
        void take(Relay relay) throws IOException;
    }

    /**
     * Takes a step. Returns whether the program has come through; if not, it is up again, and the step may be repeated.
     */
    boolean take(Step step) {
        Relay up = up();
        now += A_MOMENT;
        try {
            step.take(up);
            disk.requireNoFailedSync();
            if (disk.isStopped()) {
                throw new Crash("ended within the step");
            }
            observe(up);
            return true;
        } catch (Crash ended) {
            crash();
            up();
            return false;
        } catch (IOException e) {
            // A failure that the program reports, and survives. What was told before counts.
            disk.requireNoFailedSync();
            requireInjected(e);
            take(next -> {});
            return false;
        }
    }

    private void requireInjected(IOException e) {
        if (disk.failures() == failuresSeen) {
            throw new AssertionError("nothing had failed", e);
        }
    }

    /** The program that runs; it is started if it does not. */
    Relay up() {
        for (int attempt = 0; relay == null; attempt++) {
            assertThat(attempt).as("attempts to start").isLessThan(ATTEMPTS);
            int failures = disk.failures();
            try {
                // The disk is quick in one life, and slow in the next.
                Relay started =
                        new Relay(disk, operator, () -> now, starts++ % 2 == 0 ? WalOpener.BRIEF : Duration.ZERO);
                relay = started;
                checkRecovered(started);
            } catch (Crash ended) {
                crash();
            } catch (IOException e) {
                if (disk.failures() == failures) {
                    throw new AssertionError("the relay does not start", e);
                }
                disk.requireNoFailedSync();
                disk.restart();
            }
        }
        return Objects.requireNonNull(relay);
    }

    /** The program ends without a word: killed, or with the whole machine. */
    void crash() {
        forget();
        switch (chance.nextInt(4)) {
            case 0 -> disk.restart();
            case 1 -> disk.powerFailure(chance, 0);
            case 2 -> disk.powerFailure(chance, chance.nextDouble());
            default -> disk.powerFailure(chance, 0.9);
        }
    }

    private void forget() {
        if (relay != null) {
            relay.discard();
            relay = null;
        }
    }

    private void observe(Relay up) throws IOException {
        failuresSeen = disk.failures();
        if (up.isFounded()) {
            reports(up);
            evidence.settleFlip(up.store());
            checkServable(up.store());
        }
    }

    private void reports(Relay up) {
        SimulatedStream stream = up.stream();
        if (stream == null) {
            return;
        }
        // What was written with a flipped bit has been taken back, maybe in this very step.
        Lsn mostWritten = evidence.flip().isPresent() ? Lsn.max(up.written(), feed.sent()) : up.written();
        for (var report : stream.reports()) {
            assertThat(report.write()).as("reported write").isLessThanOrEqualTo(mostWritten);
            assertThat(report.apply()).as("reported apply").isEqualTo(Lsn.INVALID);
            evidence.acknowledged(feed.streaming(), report.flush());
        }
    }

    /** All that could be sent by now is the truth. */
    private void checkServable(WalStore store) throws IOException {
        TimelineHistory history = store.end().history();
        Lsn written = store.end().written();
        if (!servableOn.equals(history.timeline()) || written.isBefore(servable) || !servable.isValid()) {
            servableOn = history.timeline();
            servable = Lsn.min(servable.isValid() ? servable : written, WalFiles.SIZE.segmentStart(written));
            servable = Lsn.max(servable, WalFiles.SIZE.segmentStart(written));
        }
        evidence.served(servableOn, servable, store.directory(), written);
        servable = written;
    }

    private void checkRecovered(Relay up) throws IOException {
        servable = Lsn.INVALID;
        if (up.isFounded()) {
            evidence.settleFlip(up.store());
            evidence.recovered(up.store(), up.slots());
            checkServable(up.store());
            watch(up.store());
        } else {
            evidence.requireNothingAcknowledged();
        }
        for (Map.Entry<String, PromisedSlot> entry : slots.entrySet()) {
            checkSlot(entry.getKey(), entry.getValue(), up.slots().find(entry.getKey()));
        }
        assertThat(slots.keySet())
                .as("slots that were asked for")
                .containsAll(
                        up.slots().all().stream().map(ReplicationSlot::name).toList());
    }

    /** A report may be due at the very moment at which a flush is published. */
    private void watch(WalStore store) {
        store.onFlushed(() -> evidence.acknowledged(store.end().history().timeline(), store.acknowledgeable()));
    }

    private void checkSlot(String name, PromisedSlot promised, Optional<ReplicationSlot> found) {
        switch (promised.existence()) {
            case YES -> assertThat(found).as("slot %s, which was created", name).isPresent();
            case NO ->
                assertThat(found).as("slot %s, which does not exist", name).isEmpty();
            case UNKNOWN -> promised.existence(found.isPresent() ? Existence.YES : Existence.NO);
        }
        found.ifPresent(slot -> assertThat(
                        promised.allows(slot.restartLsn(), slot.invalidation().isPresent(), operator.mayInvalidate()))
                .as(
                        "restart_lsn of slot %s, %s, %s, which was created at %s and advanced to %s",
                        name, slot.restartLsn(), slot.invalidation(), promised.created(), promised.advanced())
                .isTrue());
    }

    /** The relay gets to know its cluster. */
    void found() {
        until(() -> up().isFounded(), up -> {
            if (!up.isFounded()) {
                up.cluster()
                        .found(
                                SampleCluster.control(TimelineId.FIRST),
                                SampleCluster.server(15),
                                TimelineHistory.first(),
                                SampleCluster.START);
                watch(up.store());
            }
        });
    }

    /** What has to come true, and what is done for it. */
    private void until(BooleanSupplier reached, Step step) {
        for (int attempt = 0; !reached.getAsBoolean(); attempt++) {
            assertThat(attempt).as("attempts").isLessThan(ATTEMPTS);
            take(step);
        }
    }

    /** The upstream, which is on {@code line} and has WAL up to {@code end}, sends all of it. */
    void receive(World.Line line, Lsn end, int flushOneIn) {
        until(() -> !hasLess(line, end), up -> {
            burst(up, line, end);
            if (random.nextInt(flushOneIn) == 0) {
                flush(up);
            }
        });
    }

    private boolean hasLess(World.Line line, Lsn end) {
        Relay up = up();
        if (!up.isFounded()) {
            found();
            return true;
        }
        return !up.store().end().history().timeline().equals(line.timeline())
                || up.written().isBefore(end);
    }

    /** The upstream sends what one read of a socket may bring. */
    void burst(Relay up, World.Line upstream, Lsn end) throws IOException {
        reports(up);
        feed.burst(up, upstream, end);
    }

    /** A bit is flipped on the way to the relay, behind this position. */
    void flipBehind(Lsn position) {
        feed.flipBehind(position);
    }

    /**
     * A bit of a stored segment is flipped by somebody who writes there, or by the medium, some minutes before it is
     * read.
     */
    boolean damageStored() throws IOException {
        boolean bySomebody = random.nextBoolean();
        now += bySomebody ? 0 : A_CHECKS_TIME;
        return up().isFounded() && damage.flip(up().store(), random, bySomebody);
    }

    /** Somebody flips a bit in the segment of this position, the first that is in a record there. */
    void damageStored(Lsn position) throws IOException {
        damage.flipFirst(up().store(), position);
    }

    /**
     * What is known to be damaged is fetched again from an upstream that is on {@code line} and has WAL up to {@code
     * end}.
     */
    void mend(World.Line line, Lsn end) {
        take(up -> {
            if (up.isFounded()) {
                damage.mend(up.store(), line, end);
            }
        });
    }

    /** The flusher's thread runs. */
    void flush(Relay up) {
        up.flush();
        SimulatedStream stream = up.stream();
        if (stream != null && !stream.isOver()) {
            stream.flushed();
        }
    }

    void createSlot(String name) {
        until(() -> hasSlot(name), up -> {
            Lsn from = WalFiles.SIZE.segmentStart(up.store().end().flushed());
            PromisedSlot promised = new PromisedSlot(from);
            slots.put(name, promised);
            var created = up.slots().create(name, false, from, 1);
            if (!disk.isStopped()) {
                promised.existence(created.isCompletedExceptionally() ? Existence.NO : Existence.YES);
            }
        });
    }

    void dropSlot(String name) {
        until(() -> promised(name).existence() == Existence.NO, up -> giveUpSlot(name, up));
    }

    /** The client of a slot reports a flush. */
    void advanceSlot(String name, Lsn flushed) {
        take(up -> {
            PromisedSlot promised = promised(name);
            promised.advance(flushed);
            ReplicationSlot slot = up.slots().acquire(name, 1);
            slot.advance(flushed);
            up.slots().release(slot);
        });
    }

    /** A client has got WAL. Tells whether a flipped bit is in it, which nobody could see yet. */
    boolean received(TimelineId timeline, Lsn from, byte[] wal) {
        return evidence.received(timeline, from, wal);
    }

    /** The flipped bit that may be in what is not acknowledged. */
    Optional<Flip> flip() {
        return evidence.flip();
    }

    /** Whether slots may be invalidated. */
    boolean mayInvalidate() {
        return operator.mayInvalidate();
    }

    /** A client is about to report a flush. */
    void promiseAdvanced(String name, Lsn flushed) {
        promised(name).advance(flushed);
    }

    private PromisedSlot promised(String name) {
        return Objects.requireNonNull(slots.get(name), name);
    }

    Lsn slotCreatedAt(String name) {
        return promised(name).created();
    }

    /** A client drops its slot, once. */
    void giveUpSlot(String name, Relay up) {
        PromisedSlot promised = promised(name);
        promised.existence(Existence.UNKNOWN);
        up.slots().find(name).ifPresent(up.slots()::release);
        var dropped = up.slots().drop(name, false, 1);
        if (!disk.isStopped()) {
            promised.existence(dropped.isCompletedExceptionally() ? Existence.YES : Existence.NO);
        }
    }

    boolean hasSlot(String name) {
        return slots.containsKey(name) && promised(name).existence() == Existence.YES;
    }

    /** The maintenance thread runs. */
    void maintain() {
        take(Relay::maintain);
    }

    /** All is flushed. */
    void flush() {
        take(up -> {
            while (up.hasToFlush()) {
                flush(up);
            }
        });
    }

    /** The program is told to stop, and started again. */
    void restart() throws IOException {
        Relay stopping = up();
        if (take(Relay::stop)) {
            if (stopping.isFounded()) {
                evidence.requireNoOldPages(stopping.store());
            }
            forget();
            up();
        }
    }

    /**
     * A client without a slot asks for all that is here, on the timelines of this history; damage is found, and mended
     * from an upstream that has all.
     */
    void serveAll() {
        World.Line newest = feedsLine();
        Reader reader = new Reader(this);
        until(reader::isDone, up -> {
            reader.read(up.store());
            damage.mend(up.store(), newest, newest.end());
        });
    }

    private World.Line feedsLine() {
        return evidence.line(up().store().end().history().timeline());
    }

    /** The last word: what was promised is there now, and after a power failure that keeps nothing. */
    void finish() {
        flush();
        forget();
        disk.repair();
        disk.powerFailure(chance, 0);
        up();
        if (up().isFounded()) {
            serveAll();
            take(up -> damage.requireMended(up.store()));
        }
    }
}
