package io.walrelay.proxy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walreceiver.NextStep;
import io.walrelay.proxy.walreceiver.SimulatedStream;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The way from the upstream to the relay: which timeline it streams, in which pieces WAL comes, and now and then a bit
 * that is flipped on the way.
 */
final class Feed {
    private static final int MAX_MESSAGE = 128 * 1024;

    private final World world;
    private final Operator operator;
    private final Evidence evidence;
    private final RandomGenerator random;
    private TimelineId streaming = TimelineId.FIRST;
    private Lsn sent = Lsn.INVALID;
    private Lsn flipFrom = Lsn.INVALID;

    Feed(World world, Operator operator, Evidence evidence, RandomGenerator random) {
        this.world = world;
        this.operator = operator;
        this.evidence = evidence;
        this.random = random;
    }

    /** The timeline that is streamed, or was. */
    TimelineId streaming() {
        return streaming;
    }

    /** Up to where the upstream has sent. */
    Lsn sent() {
        return sent;
    }

    /** Flips a bit of the first message that ends behind this place; only if no other flipped bit is still there. */
    void flipBehind(Lsn position) {
        flipFrom = position;
    }

    /** The upstream sends what one read of a socket may bring, to whom it has to connect first, if nobody listens. */
    void burst(Relay up, World.Line upstream, Lsn end) throws IOException {
        SimulatedStream stream = up.stream();
        if (stream == null || stream.isOver()) {
            up.disconnect();
            stream = connect(up, upstream, end);
        }
        if (stream == null) {
            return;
        }
        int files = up.segmentFiles();
        send(stream, upstream, end);
        int more = up.segmentFiles();
        assertThat(more <= files || more <= allowedSegments())
                .as(
                        "%d files of segments, there were %d, and no more than %d are allowed",
                        more, files, allowedSegments())
                .isTrue();
        requireFound(stream);
    }

    private long allowedSegments() {
        long bytes = operator.limits().walBytes();
        return bytes < 0 ? Long.MAX_VALUE : bytes / SampleCluster.SEGMENT;
    }

    private void send(SimulatedStream stream, World.Line upstream, Lsn end) {
        Lsn limit = upstream.history().switchPoint(streaming).orElse(end);
        for (int messages = 1 + random.nextInt(6);
                messages > 0 && sent.isBefore(limit) && !stream.isOver();
                messages--) {
            Lsn next = endOfMessage(limit);
            message(stream, sent, next);
            sent = next;
        }
        if (random.nextInt(8) == 0) {
            stream.keepalive(end, random.nextBoolean());
        }
        stream.readComplete();
        if (!stream.isOver() && !sent.isBefore(limit) && !streaming.equals(upstream.timeline())) {
            requireFound(stream);
            stream.endOfTimeline();
        }
    }

    private void message(SimulatedStream stream, Lsn from, Lsn to) {
        byte[] wal = world.line(streaming).wal();
        int begin = (int) from.minus(SampleCluster.START);
        int length = (int) to.minus(from);
        Optional<Flip> flip = flip(from, length);
        if (flip.isPresent()) {
            byte[] damaged = Arrays.copyOfRange(wal, begin, begin + length);
            damaged[(int) flip.get().position().minus(from)] ^= (byte) (1 << random.nextInt(8));
            flipFrom = Lsn.INVALID;
            evidence.flipped(flip.get());
            stream.wal(from, damaged, 0, length);
        } else {
            stream.wal(from, wal, begin, length);
        }
    }

    private Optional<Flip> flip(Lsn from, int length) {
        boolean wanted = flipFrom.isValid()
                && flipFrom.isBefore(from.plus(length))
                && evidence.flip().isEmpty();
        return wanted ? Flip.at(world.line(streaming), from.plus(random.nextInt(length))) : Optional.empty();
    }

    /** A flipped bit ends the stream when its record is there. */
    private void requireFound(SimulatedStream stream) {
        evidence.flip()
                .filter(flip -> flip.timeline().equals(streaming) && !sent.isBefore(flip.found()))
                .ifPresent(flip -> assertThat(stream.isOver())
                        .as("found %s, with WAL up to %s", flip, sent)
                        .isTrue());
    }

    private Lsn endOfMessage(Lsn limit) {
        int most = random.nextInt(3) == 0 ? MAX_MESSAGE : 4096 * (1 + random.nextInt(8));
        Lsn end = world.line(streaming).safeEndAt(Lsn.min(limit, sent.plus(1 + random.nextInt(most))));
        return end.isAfter(sent)
                ? end
                : Lsn.min(
                        limit,
                        Objects.requireNonNull(world.line(streaming).safeEnds().higher(sent)));
    }

    private @Nullable SimulatedStream connect(Relay up, World.Line upstream, Lsn end) throws IOException {
        WalStore store = up.store();
        while (true) {
            TimelineHistory ours = store.end().history();
            NextStep step = NextStep.decide(ours, store.end().written(), upstream.history());
            boolean returned =
                    ours.contains(upstream.timeline()) && !ours.timeline().equals(upstream.timeline());
            assertThat(step instanceof NextStep.Refuse)
                    .as("refuses an upstream on timeline %s, is on %s: %s", upstream.timeline(), ours.timeline(), step)
                    .isEqualTo(returned);
            switch (step) {
                case NextStep.Refuse refuse -> {
                    return null;
                }
                case NextStep.SwitchTo to ->
                    store.switchTimeline(world.line(to.next()).history());
                case NextStep.Stream stream -> {
                    return begin(up, store, upstream, end);
                }
            }
        }
    }

    private @Nullable SimulatedStream begin(Relay up, WalStore store, World.Line upstream, Lsn end) throws IOException {
        TimelineId timeline = store.end().history().timeline();
        boolean behind =
                timeline.equals(upstream.timeline()) && store.end().written().isAfter(end);
        if (behind) {
            return null;
        }
        if (store.guard().refusal().isPresent()) {
            // The receiver waits, and has the maintenance thread look for room.
            up.maintain();
            return null;
        }
        streaming = timeline;
        sent = store.end().written();
        return up.connect();
    }
}
