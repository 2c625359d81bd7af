package io.walrelay.proxy.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One life of a relay, repeated with each fault at each operation of its disk: what it has acknowledged is there, what
 * it has served was right, and it goes on. {@code -Dwalrelay.fault.operation=N} repeats one operation alone.
 */
@ExtendWith(QuietLog.class)
final class FaultSeamTest {
    private static final World WORLD = new World(7, 3, 0.6, -0.5);

    private static Lsn at(int line, double segments) {
        return WORLD.lines().get(line).safeEndAt(SampleCluster.START.plus((long) (segments * SampleCluster.SEGMENT)));
    }

    private static List<SimulatedDisk.Operation> live(SimulatedDisk disk, long seed) throws IOException {
        Run run = new Run(WORLD, disk, new Operator(Operator.SlotPolicy.KEEP), random(0), random(seed));
        World.Line first = WORLD.lines().get(0);
        World.Line second = WORLD.lines().get(1);
        World.Line third = WORLD.lines().get(2);
        run.found();
        run.receive(first, at(0, 0.7), 2);
        run.createSlot("standby1");
        run.receive(first, at(0, 1.4), 5);
        run.createSlot("standby2");
        run.flush();
        run.restart();
        Lsn fork = second.history().ancestors().getLast().switchPoint();
        run.flipBehind(run.up().written());
        run.receive(first, first.safeEndAt(fork.plus(300_000)), 4);
        run.flush();
        run.receive(second, second.safeEndAt(fork.plus(900_000)), 4);
        run.advanceSlot("standby1", second.safeEndAt(fork.plus(500_000)));
        run.maintain();
        run.flush();
        run.dropSlot("standby2");
        run.maintain();
        run.receive(
                third,
                third.safeEndAt(
                        third.history().ancestors().getLast().switchPoint().plus(2_000_000)),
                6);
        run.advanceSlot(
                "standby1", third.history().ancestors().getLast().switchPoint().plus(1_500_000));
        run.maintain();
        run.restart();
        run.damageStored(run.up().store().oldest().plus(SampleCluster.SEGMENT / 4 * 3L));
        run.receive(third, third.end(), 9);
        run.flush();
        run.serveAll();
        run.advanceSlot("standby1", third.end().plus(-200_000));
        run.maintain();
        run.finish();
        return disk.operations();
    }

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    private static SimulatedDisk disk() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        disk.createDirectories(Relay.DATA);
        return disk;
    }

    @Test
    void allIsWellWithoutAFault() throws IOException {
        assertThat(live(disk(), 0)).hasSizeGreaterThan(100);
    }

    @Test
    void segmentsAreRecycledAndFetchedAgainInThisLife() throws IOException {
        // When
        List<String> operations = live(disk(), 0).stream().map(Object::toString).toList();

        // Then
        String segment = "/data/pg_wal/[0-9A-F]{24}";
        assertThat(operations)
                .anyMatch(
                        operation -> operation.matches("NAME rename " + segment + " to /data/pg_wal/xlogtemp.spare.*"))
                .anyMatch(operation -> operation.matches("WRITE /data/pg_wal/xlogtemp.spare.*"))
                .anyMatch(operation ->
                        operation.matches("NAME rename /data/pg_wal/xlogtemp.spare.* to " + segment + ".partial"))
                .anyMatch(
                        operation -> operation.matches("NAME rename /data/pg_wal/xlogtemp.[0-9A-F]{24} to " + segment));
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void survivesTheFaultAtEachOperation(Fault fault) throws IOException {
        // Given
        List<SimulatedDisk.Operation> operations = List.copyOf(live(disk(), 0));
        Integer only = Integer.getInteger("walrelay.fault.operation");
        Map<Integer, Throwable> failed = new ConcurrentSkipListMap<>();

        // When
        IntStream.range(0, operations.size())
                .parallel()
                .filter(n -> operations.get(n).kind().canHave(fault) && (only == null || only == n))
                .forEach(n -> {
                    try {
                        SimulatedDisk disk = disk();
                        disk.plan(n, fault);
                        live(disk, n);
                    } catch (AssertionError | RuntimeException | IOException e) {
                        failed.put(n, e);
                    }
                });

        // Then
        failed.forEach((n, failure) -> {
            throw new AssertionError(
                    fault + " at operation " + n + ", " + operations.get(n) + ", fails, of " + failed.keySet(),
                    failure);
        });
    }
}
