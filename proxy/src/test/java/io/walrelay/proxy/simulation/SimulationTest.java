package io.walrelay.proxy.simulation;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Lives of a relay that a seed decides: an upstream that sends, is promoted, goes and comes back, also as it was before
 * it was left; bits flipped on the way, and on the disk; the flusher, clients with slots, maintenance, an operator who
 * limits the disk and the slots; faults of the disk, crashes, restarts. {@code -Dwalrelay.simulation.seed=N} repeats
 * one alone, {@code -Dwalrelay.simulation.runs=N} sets how many there are, {@code -Dwalrelay.simulation.first=N} with
 * which seed they begin.
 */
@ExtendWith(QuietLog.class)
final class SimulationTest {
    private static final int RUNS = 2000;
    private static final List<World> WORLDS = List.of(
            new World(1, 2, 0.5, 0.5),
            new World(2, 2, -0.3, 0.4),
            new World(3, 3, 0.8),
            new World(4, 2, 0.3, -0.3),
            new World(5, 4),
            new World(6, 1, 0.7, 0.7, 0.7));

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    @Test
    void keepsItsPromisesWhateverHappens() {
        Long only = Long.getLong("walrelay.simulation.seed");
        long first = only != null ? only : Long.getLong("walrelay.simulation.first", 1);
        long runs = only != null ? 1 : Long.getLong("walrelay.simulation.runs", RUNS);
        Map<Long, Throwable> failed = new ConcurrentSkipListMap<>();
        LongStream.range(first, first + runs).parallel().forEach(seed -> {
            try {
                live(seed);
            } catch (AssertionError | RuntimeException | IOException e) {
                failed.put(seed, e);
            }
        });
        failed.forEach((seed, failure) -> {
            throw new AssertionError(
                    "seed " + seed + " fails, of " + failed.keySet() + "; to repeat it: -Dwalrelay.simulation.seed="
                            + seed,
                    failure);
        });
    }

    static void live(long seed) throws IOException {
        RandomGenerator random = random(seed);
        World world = WORLDS.get(random.nextInt(WORLDS.size()));
        SimulatedDisk disk = new SimulatedDisk();
        disk.createDirectories(Relay.DATA);
        Operator operator = Operator.any(random);
        Run run = new Run(world, disk, operator, random, random);
        Upstream upstream = new Upstream(world, random);
        List<Standby> standbys = new ArrayList<>();
        for (int i = 1; i <= 1 + random.nextInt(3); i++) {
            standbys.add(new Standby("standby" + i, run, random));
        }
        int calm = 1 + random.nextInt(40);
        run.found();
        for (int steps = 40 + random.nextInt(160); steps > 0; steps--) {
            step(run, disk, operator, upstream, standbys, random, calm);
        }
        disk.repair();
        operator.allowAll();
        upstream.stay();
        run.receive(upstream.line(), upstream.end(), 3);
        standbys.forEach(Standby::step);
        run.finish();
    }

    private static void step(
            Run run,
            SimulatedDisk disk,
            Operator operator,
            Upstream upstream,
            List<Standby> standbys,
            RandomGenerator random,
            int calm)
            throws IOException {
        int what = random.nextInt(100);
        if (what < 40) {
            upstream.write();
            run.take(up -> {
                if (up.isFounded()) {
                    run.burst(up, upstream.line(), upstream.end());
                }
            });
        } else if (what < 58) {
            run.take(run::flush);
        } else if (what < 60) {
            misfortune(run, operator, upstream, random);
        } else if (what < 85) {
            standbys.get(random.nextInt(standbys.size())).step();
        } else if (what < 89) {
            run.maintain();
        } else if (what < 90) {
            run.mend(upstream.line(), upstream.end());
        } else if (what < 92) {
            upstream.promote(run.up().written());
        } else if (what < 94) {
            run.take(Relay::disconnect);
        } else if (random.nextInt(calm) > 0) {
            run.take(up -> up.slots().saveMoved());
        } else if (what < 96) {
            run.crash();
        } else if (what < 97) {
            run.restart();
        } else {
            Fault[] faults = Fault.values();
            disk.plan(disk.operations().size() + random.nextInt(12), faults[random.nextInt(faults.length)]);
        }
        if (!run.up().isFounded()) {
            run.found();
        }
    }

    /** What is nobody's fault here. */
    private static void misfortune(Run run, Operator operator, Upstream upstream, RandomGenerator random)
            throws IOException {
        switch (random.nextInt(5)) {
            case 0, 1 -> run.damageStored();
            case 2 -> run.flipBehind(run.up().written().plus(random.nextInt(500_000)));
            case 3 -> upstream.returnOrGo();
            default -> {
                if (random.nextBoolean()) {
                    operator.allow(2 + random.nextInt(5));
                } else {
                    operator.allowAll();
                }
            }
        }
    }
}
