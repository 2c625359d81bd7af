package io.walrelay.proxy.syncrep;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who is synchronous and what they have reached, one decision after another, in whatever way standbys and rules change
 * in between: as {@link PlainSyncSet} says, which remembers nothing. {@code -Dwalrelay.seed=N} repeats one run.
 */
class SyncStandbysPropertyTest {
    private static final int STEPS = 3_000;
    private static final List<String> NAMES = List.of("s1", "S1", "s2", "s3", "s4", "other");
    private static final List<String> MEMBERS = List.of("s1", "s2", "s3", "s4", "S3", "*", "absent");

    private final List<PlainSyncSet.Standby> connected = new ArrayList<>();
    private final SyncStandbys standbys = new SyncStandbys();
    private Optional<SyncStandbyNames> names = Optional.empty();
    private Optional<StandbyPositions> synced = Optional.empty();

    static LongStream seeds() {
        Long one = Long.getLong("walrelay.seed");
        return one != null ? LongStream.of(one) : LongStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void itIsAsItWouldBeWithoutMemory(long seed) {
        // Given
        Random random = new Random(seed);

        // When / Then
        for (int step = 0; step < STEPS; step++) {
            step(random);
            PlainSyncSet plain = PlainSyncSet.of(names, connected);
            synced = Optional.empty();
            standbys.synced((write, flush, apply) -> synced = Optional.of(positions(write, flush, apply)));

            String when = "seed " + seed + ", step " + step + ": " + names + " " + connected;
            assertThat(synced).as(when).isEqualTo(plain.synced());
            assertThat(standbys.set().standings()).as(when).isEqualTo(plain.standings());
            assertThat(standbys.set().leaders()).as(when).isEqualTo(plain.leaders());
            assertThat(standbys.set()).as(when).isSameAs(standbys.set());
        }
    }

    private void step(Random random) {
        int kind = random.nextInt(100);
        if (kind < 4) {
            names = names(random);
            become();
        } else if (kind < 8 && connected.size() < 7) {
            PlainSyncSet.Standby joining = new PlainSyncSet.Standby(
                    NAMES.get(random.nextInt(NAMES.size())), ReplicationState.STARTUP, StandbyPositions.UNKNOWN);
            // Who is looked at first is none of its business.
            connected.add(random.nextInt(connected.size() + 1), joining);
            become();
        } else if (kind < 11 && !connected.isEmpty()) {
            connected.remove(random.nextInt(connected.size()));
            become();
        } else if (!connected.isEmpty()) {
            int place = random.nextInt(connected.size());
            connected.set(place, moved(random, connected.get(place), kind < 30));
        }
        for (int place = 0; place < connected.size(); place++) {
            PlainSyncSet.Standby standby = connected.get(place);
            StandbyPositions positions = standby.positions();
            standbys.stands(
                    place,
                    standby.state(),
                    positions.write().value(),
                    positions.flush().value(),
                    positions.apply().value());
        }
    }

    private void become() {
        standbys.become(
                names,
                connected.stream().map(PlainSyncSet.Standby::applicationName).toList());
    }

    private static PlainSyncSet.Standby moved(Random random, PlainSyncSet.Standby standby, boolean inState) {
        ReplicationState[] states = ReplicationState.values();
        return inState
                ? new PlainSyncSet.Standby(
                        standby.applicationName(), states[random.nextInt(states.length)], standby.positions())
                : new PlainSyncSet.Standby(
                        standby.applicationName(),
                        random.nextBoolean() ? ReplicationState.STREAMING : standby.state(),
                        positions(position(random), position(random), position(random)));
    }

    /** Often the same, and of either sign, as a number. */
    private static long position(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> random.nextLong();
            default -> random.nextInt(10);
        };
    }

    private static Optional<SyncStandbyNames> names(Random random) {
        if (random.nextInt(8) == 0) {
            return Optional.empty();
        }
        List<String> members = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            members.add(MEMBERS.get(random.nextInt(MEMBERS.size())));
        }
        SyncMethod method = random.nextBoolean() ? SyncMethod.PRIORITY : SyncMethod.QUORUM;
        return Optional.of(new SyncStandbyNames(method, 1 + random.nextInt(4), members));
    }

    private static StandbyPositions positions(long write, long flush, long apply) {
        return new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply));
    }
}
