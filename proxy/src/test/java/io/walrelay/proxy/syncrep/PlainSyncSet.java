package io.walrelay.proxy.syncrep;

import io.walrelay.replication.Lsn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Which of the connected standbys are synchronous, and what they have reached together, said from their positions alone
 * and anew each time. A second opinion beside {@link SyncStandbys}.
 *
 * @param standings of the standbys, in the order in which they were given
 * @param synced the position up to which commits may be released; empty while there are too few synchronous standbys
 * @param leaders the places of those that others must not overtake: the ones that count, and while there are too few,
 *     the ones that are to count next
 */
public record PlainSyncSet(List<SyncStanding> standings, Optional<StandbyPositions> synced, Set<Integer> leaders) {
    /** What counts of one connected standby. */
    public record Standby(String applicationName, ReplicationState state, StandbyPositions positions) {}

    public PlainSyncSet {
        standings = List.copyOf(standings);
        leaders = Set.copyOf(leaders);
    }

    /**
     * Chooses. Of two standbys of the same priority the one that is given first is preferred.
     *
     * @param names empty: nobody is synchronous
     */
    public static PlainSyncSet of(Optional<SyncStandbyNames> names, List<Standby> standbys) {
        return names.map(list -> of(list, standbys)).orElseGet(() -> {
            return new PlainSyncSet(
                    standbys.stream().map(s -> SyncStanding.ASYNC).toList(), Optional.empty(), Set.of());
        });
    }

    private static PlainSyncSet of(SyncStandbyNames names, List<Standby> standbys) {
        List<Integer> chosen = choose(names, standbys);
        Set<Integer> counting = new HashSet<>(chosen);
        List<SyncStanding> standings = new ArrayList<>();
        for (int i = 0; i < standbys.size(); i++) {
            standings.add(standing(names, standbys.get(i), counting.contains(i)));
        }
        if (chosen.size() < names.numSync()) {
            return new PlainSyncSet(standings, Optional.empty(), withNext(names, standbys, counting));
        }
        List<StandbyPositions> positions =
                chosen.stream().map(i -> standbys.get(i).positions()).toList();
        return new PlainSyncSet(standings, Optional.of(reached(names, positions)), counting);
    }

    /** Those that count, and of the others that receive WAL those that are to complete the set. */
    private static Set<Integer> withNext(SyncStandbyNames names, List<Standby> standbys, Set<Integer> counting) {
        long wanted = switch (names.method()) {
            case PRIORITY -> names.numSync() - counting.size();
            case QUORUM -> standbys.size();
        };
        Set<Integer> leaders = new HashSet<>(counting);
        IntStream.range(0, standbys.size())
                .filter(i -> !counting.contains(i))
                .filter(i -> standbys.get(i).state().receives())
                .filter(i -> names.priority(standbys.get(i).applicationName()) > 0)
                .boxed()
                .sorted(byPriority(names, standbys))
                .limit(wanted)
                .forEach(leaders::add);
        return leaders;
    }

    private static Comparator<Integer> byPriority(SyncStandbyNames names, List<Standby> standbys) {
        return Comparator.comparingInt(i -> names.priority(standbys.get(i).applicationName()));
    }

    /** Those that are waited for: in a quorum all that may be, else the first of them. */
    private static List<Integer> choose(SyncStandbyNames names, List<Standby> standbys) {
        List<Integer> candidates = IntStream.range(0, standbys.size())
                .filter(i -> isCandidate(names, standbys.get(i)))
                .boxed()
                .toList();
        return switch (names.method()) {
            case QUORUM -> candidates;
            case PRIORITY ->
                candidates.stream()
                        .sorted(byPriority(names, standbys))
                        .limit(names.numSync())
                        .toList();
        };
    }

    private static boolean isCandidate(SyncStandbyNames names, Standby standby) {
        return standby.state().mayBeSynchronous()
                && standby.positions().flush().isValid()
                && names.priority(standby.applicationName()) > 0;
    }

    private static SyncStanding standing(SyncStandbyNames names, Standby standby, boolean counts) {
        // Who does not say what it has flushed, such as the stream of a base backup, is shown as asynchronous.
        int priority = standby.positions().flush().isValid() ? names.priority(standby.applicationName()) : 0;
        if (priority == 0) {
            return SyncStanding.ASYNC;
        }
        if (!counts) {
            return new SyncStanding(priority, SyncState.POTENTIAL);
        }
        return new SyncStanding(
                priority,
                switch (names.method()) {
                    case PRIORITY -> SyncState.SYNC;
                    case QUORUM -> SyncState.QUORUM;
                });
    }

    /** What all of those that are waited for have reached; in a quorum, what {@code numSync} of them have. */
    private static StandbyPositions reached(SyncStandbyNames names, List<StandbyPositions> of) {
        int count = names.numSync();
        return new StandbyPositions(
                latest(count, of, StandbyPositions::write),
                latest(count, of, StandbyPositions::flush),
                latest(count, of, StandbyPositions::apply));
    }

    /** The n-th latest; with as many as are waited for, that is the oldest. */
    private static Lsn latest(int n, List<StandbyPositions> of, Function<StandbyPositions, Lsn> which) {
        return of.stream().map(which).sorted(Comparator.reverseOrder()).toList().get(n - 1);
    }
}
