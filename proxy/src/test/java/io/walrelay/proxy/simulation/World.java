package io.walrelay.proxy.simulation;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.replication.wal.WalFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * The truth: all WAL that the servers of a cluster ever write, on a chain of timelines. Each of the older ones goes on
 * for a while behind the point where the next leaves it.
 */
final class World {
    private static final int SEGMENT = SampleCluster.SEGMENT;

    private final List<Line> lines = new ArrayList<>();

    /**
     * One timeline.
     *
     * @param wal from the world's start on, what is shared with older timelines included
     * @param safeEnds where a message may end: the ends of records and pages
     * @param records where records that hold data begin, and where they end
     */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    record Line(TimelineHistory history, byte[] wal, TreeSet<Lsn> safeEnds, TreeMap<Lsn, Lsn> records) {
        TimelineId timeline() {
            return history.timeline();
        }

        Lsn end() {
            return SampleCluster.START.plus(wal.length);
        }

        /** The last place at or before {@code position} where a message may end. */
        Lsn safeEndAt(Lsn position) {
            Lsn end = safeEnds.floor(position);
            return end == null ? SampleCluster.START : end;
        }
    }

    /** What a server does next, the same on each timeline that shares it. */
    private sealed interface Action {
        record Write(int bytes) implements Action {}

        record SwitchWal() implements Action {}

        record Checkpoint() implements Action {}
    }

    /**
     * A world.
     *
     * @param forks at which fraction of a timeline's actions the next one leaves it, or negative: at the next segment's
     *     start behind there
     */
    World(long seed, int segments, double... forks) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        List<Action> shared = new ArrayList<>();
        List<String> history = new ArrayList<>();
        List<Integer> switchedAfter = new ArrayList<>();
        for (int line = 0; line <= forks.length; line++) {
            Built built = build(random, shared, switchedAfter, segments * (line + 1));
            TimelineId timeline = TimelineId.of(line + 1);
            lines.add(new Line(
                    line == 0
                            ? TimelineHistory.first()
                            : SampleCluster.history(timeline, history.toArray(String[]::new)),
                    built.wal.bytes(),
                    built.safeEnds,
                    built.records));
            if (line < forks.length) {
                int from = switchedAfter.isEmpty() ? 0 : switchedAfter.getLast();
                int fork = from + (int) (Math.abs(forks[line]) * (built.actions.size() - from));
                if (forks[line] < 0) {
                    fork = nearestBoundary(built.ends, from, fork);
                }
                shared = new ArrayList<>(built.actions.subList(0, fork));
                switchedAfter.add(fork);
                history.add((line + 1) + "\t" + built.ends.get(fork - 1) + "\tpromoted");
            }
        }
    }

    private static int nearestBoundary(List<Lsn> ends, int after, int fork) {
        for (int distance = 0; distance < ends.size(); distance++) {
            for (int candidate : new int[] {fork + distance, fork - distance}) {
                if (candidate > after
                        && candidate <= ends.size()
                        && WalBuilder.SEGMENT.isBoundary(ends.get(candidate - 1))) {
                    return candidate;
                }
            }
        }
        throw new IllegalArgumentException("no record ends at a segment's end: take another seed");
    }

    private record Built(
            WalBuilder wal, List<Action> actions, List<Lsn> ends, TreeSet<Lsn> safeEnds, TreeMap<Lsn, Lsn> records) {}

    private static Built build(RandomGenerator random, List<Action> shared, List<Integer> switches, int segments) {
        WalBuilder wal = SampleCluster.wal();
        Built built = new Built(wal, new ArrayList<>(), new ArrayList<>(), new TreeSet<>(), new TreeMap<>());
        Lsn redo = SampleCluster.START.plus(40);
        while (wal.size() < segments * SEGMENT || built.actions.size() < shared.size()) {
            int next = built.actions.size();
            wal.timeline(
                    1 + (int) switches.stream().filter(fork -> fork <= next).count());
            Action action = next < shared.size() ? shared.get(next) : action(random, wal.size() % SEGMENT);
            switch (action) {
                case Action.Write write -> {
                    Lsn begin = wal.record(write.bytes);
                    built.records.put(begin, wal.lsn());
                }
                case Action.SwitchWal switchWal -> wal.switchSegment();
                case Action.Checkpoint checkpoint -> redo = wal.checkpoint(redo);
            }
            built.actions.add(action);
            built.ends.add(wal.lsn());
            built.safeEnds.add(wal.lsn());
        }
        for (int page = 0; page <= wal.size(); page += WalFormat.PAGE_SIZE) {
            built.safeEnds.add(SampleCluster.START.plus(page));
        }
        return built;
    }

    private static Action action(RandomGenerator random, int inSegment) {
        int kind = random.nextInt(1000);
        if (kind < 4) {
            return new Action.Write(random.nextInt(SEGMENT / 4, SEGMENT + SEGMENT / 2));
        }
        if (kind < 10 || (kind < 60 && inSegment > SEGMENT / 10 * 9)) {
            return new Action.SwitchWal();
        }
        if (kind < 30) {
            return new Action.Checkpoint();
        }
        return new Action.Write(kind < 700 ? random.nextInt(0, 400) : random.nextInt(400, 20_000));
    }

    List<Line> lines() {
        return lines;
    }

    Line line(TimelineId timeline) {
        return lines.get(timeline.value() - 1);
    }
}
