package io.walrelay.proxy.syncrep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which of the connected standbys are synchronous ({@code SyncRepGetCandidateStandbys} of PostgreSQL's {@code
 * syncrep.c}). That is so until a standby comes, goes, gets another state, or says for the first time what it has
 * flushed.
 *
 * @param standings of the standbys, in the order in which they were given
 * @param complete whether as many count as have to: else nothing is confirmed
 * @param leaders the places of those that others must not overtake: the ones that count, and while there are too few,
 *     the ones that are to count next
 */
public record SyncSet(List<SyncStanding> standings, boolean complete, Set<Integer> leaders) {
    /** Of no standbys. */
    public static final SyncSet NOBODY = new SyncSet(List.of(), false, Set.of());

    public SyncSet {
        standings = List.copyOf(standings);
        leaders = Set.copyOf(leaders);
    }

    /**
     * Chooses. Of two standbys of the same priority the one that is given first is preferred.
     *
     * @param names empty: nobody is synchronous
     */
    static SyncSet of(Optional<SyncStandbyNames> names, List<SyncStandby> standbys) {
        return names.map(list -> of(list, standbys)).orElseGet(() -> {
            return new SyncSet(standbys.stream().map(s -> SyncStanding.ASYNC).toList(), false, Set.of());
        });
    }

    private static SyncSet of(SyncStandbyNames names, List<SyncStandby> standbys) {
        List<Integer> chosen = choose(names, standbys);
        Set<Integer> counting = new HashSet<>(chosen);
        List<SyncStanding> standings = new ArrayList<>();
        for (int i = 0; i < standbys.size(); i++) {
            standings.add(standing(names, standbys.get(i), counting.contains(i)));
        }
        boolean complete = chosen.size() >= names.numSync();
        return new SyncSet(standings, complete, complete ? counting : withNext(names, standbys, counting));
    }

    /** Those that count, and of the others that receive WAL those that are to complete the set. */
    private static Set<Integer> withNext(SyncStandbyNames names, List<SyncStandby> standbys, Set<Integer> counting) {
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

    private static Comparator<Integer> byPriority(SyncStandbyNames names, List<SyncStandby> standbys) {
        return Comparator.comparingInt(i -> names.priority(standbys.get(i).applicationName()));
    }

    /** Those that are waited for: in a quorum all that may be, else the first of them. */
    private static List<Integer> choose(SyncStandbyNames names, List<SyncStandby> standbys) {
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

    private static boolean isCandidate(SyncStandbyNames names, SyncStandby standby) {
        return standby.state().mayBeSynchronous()
                && standby.tellsFlush()
                && names.priority(standby.applicationName()) > 0;
    }

    private static SyncStanding standing(SyncStandbyNames names, SyncStandby standby, boolean counts) {
        // Who does not say what it has flushed, such as the stream of a base backup, is shown as asynchronous.
        int priority = standby.tellsFlush() ? names.priority(standby.applicationName()) : 0;
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
}
