package io.walrelay.proxy.syncrep;

import io.walrelay.replication.Lsn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The connected standbys, looked at for one decision after another: which of them are synchronous, chosen anew only
 * when that can have changed, and what these have reached together, picked each time from arrays that are used again
 * ({@code SyncRepGetSyncRecPtr} of PostgreSQL's {@code syncrep.c}). For one thread at a time. Positions are the values
 * of LSNs.
 */
public final class SyncStandbys {
    private Optional<SyncStandbyNames> names = Optional.empty();
    private List<String> applicationNames = List.of();

    // Of each standby, in its place.
    private ReplicationState[] states = {};
    private long[] write = {};
    private long[] flush = {};
    private long[] apply = {};

    private SyncSet set = SyncSet.NOBODY;

    /** Whether somebody has changed in a way that makes another set possible. */
    private boolean outdated;

    /** The places of those that count. */
    private int[] counting = {};

    /** Where their positions are sorted. */
    private long[] sorted = {};

    /**
     * From now on these standbys are connected. Of each, {@link #stands} has to be said before anything is asked.
     *
     * @param rule empty: nobody is synchronous
     * @param connected their application names; of two of the same priority the one that is given first is preferred
     */
    public void become(Optional<SyncStandbyNames> rule, List<String> connected) {
        int count = connected.size();
        outdated = true;
        names = rule;
        applicationNames = List.copyOf(connected);
        states = new ReplicationState[count];
        Arrays.fill(states, ReplicationState.STARTUP);
        write = new long[count];
        flush = new long[count];
        apply = new long[count];
        sorted = new long[count];
    }

    /** How the standby in this place stands: what its sender does, and what of what it has said counts. */
    public void stands(int place, ReplicationState state, long written, long flushed, long applied) {
        if (state != states[place] || (flushed == 0) != (flush[place] == 0)) {
            outdated = true;
        }
        states[place] = state;
        write[place] = written;
        flush[place] = flushed;
        apply[place] = applied;
    }

    /** What counts of what the standby in this place has said. */
    public StandbyPositions positions(int place) {
        return new StandbyPositions(new Lsn(write[place]), new Lsn(flush[place]), new Lsn(apply[place]));
    }

    /** Which of them are synchronous; the same object as long as it is the same set. */
    public SyncSet set() {
        if (outdated) {
            List<SyncStandby> standbys = new ArrayList<>();
            for (int i = 0; i < states.length; i++) {
                standbys.add(new SyncStandby(applicationNames.get(i), states[i], flush[i] != 0));
            }
            SyncSet chosen = SyncSet.of(names, standbys);
            counting = IntStream.range(0, states.length)
                    .filter(i -> chosen.standings().get(i).state().counts())
                    .toArray();
            set = chosen;
            outdated = false;
        }
        return set;
    }

    /**
     * Tells {@code reader} up to where commits may be released; nothing while there are too few synchronous standbys.
     */
    public void synced(StandbyPositions.Reader reader) {
        if (set().complete()) {
            int needed = names.orElseThrow().numSync();
            reader.positions(latest(needed, write), latest(needed, flush), latest(needed, apply));
        }
    }

    /**
     * The n-th latest of those that count: what {@code n} of them have reached. Where only as many count as have to, as
     * they do by priority, that is the oldest.
     */
    private long latest(int n, long[] positions) {
        int count = counting.length;
        for (int i = 0; i < count; i++) {
            // Positions have no sign; sorted they are as if they had one.
            sorted[i] = positions[counting[i]] ^ Long.MIN_VALUE;
        }
        Arrays.sort(sorted, 0, count);
        return sorted[count - n] ^ Long.MIN_VALUE;
    }
}
