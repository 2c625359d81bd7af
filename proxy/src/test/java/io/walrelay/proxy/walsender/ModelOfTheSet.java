package io.walrelay.proxy.walsender;

import io.walrelay.proxy.syncrep.PlainSyncSet;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.replication.Lsn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * What synchronous standbys have confirmed, said as simply as it can be: without regard to when anything is computed,
 * or how often. A second opinion for {@link SyncReplicationPropertyTest}.
 */
final class ModelOfTheSet {
    private final List<Client> clients = new ArrayList<>();
    private Rule rule = new Rule("", false, 0, List.of());
    private StandbyPositions confirmed = StandbyPositions.UNKNOWN;

    /**
     * A value of synchronous_standby_names.
     *
     * @param text as the relay reads it
     * @param quorum whether any {@code count} of the names will do
     */
    record Rule(String text, boolean quorum, int count, List<String> names) {
        boolean isEmpty() {
            return names.isEmpty();
        }

        int place(String name) {
            int named = names.indexOf(name);
            return named >= 0 ? named : names.indexOf("*");
        }
    }

    /** A client that streams, in the order in which they came. */
    static final class Client {
        private final String name;
        private boolean caughtUp;
        private StandbyPositions counted = StandbyPositions.UNKNOWN;

        Client(String name) {
            this.name = name;
        }

        /** What counts of it. */
        PlainSyncSet.Standby standby() {
            return new PlainSyncSet.Standby(
                    name, caughtUp ? ReplicationState.STREAMING : ReplicationState.CATCHUP, counted);
        }

        void catchUp() {
            caughtUp = true;
        }

        /** Nothing goes back, and nobody has what is not here. */
        void claim(StandbyPositions claimed, Lsn here) {
            counted = counted.max(claimed.min(here));
        }

        private boolean mayCount(Rule rule) {
            return caughtUp && counted.flush().isValid() && rule.place(name) >= 0;
        }
    }

    void join(Client client) {
        clients.add(client);
    }

    void leave(Client client) {
        clients.remove(client);
    }

    void rule(Rule next) {
        rule = next;
    }

    /** The WAL behind a position is on a branch that was left. */
    void takenBack(Lsn common) {
        confirmed = confirmed.min(common);
    }

    /** What has been confirmed by now, by whoever counted at the time. */
    StandbyPositions confirmed() {
        List<Client> counting = counting();
        if (!rule.isEmpty() && counting.size() >= rule.count) {
            confirmed = confirmed.max(new StandbyPositions(
                    reached(counting, StandbyPositions::write),
                    reached(counting, StandbyPositions::flush),
                    reached(counting, StandbyPositions::apply)));
        }
        return confirmed;
    }

    private List<Client> counting() {
        List<Client> able =
                clients.stream().filter(client -> client.mayCount(rule)).toList();
        return rule.quorum
                ? able
                : able.stream()
                        .sorted(Comparator.comparingInt(client -> rule.place(client.name)))
                        .limit(rule.count)
                        .toList();
    }

    /** The furthest position that as many have reached as have to. */
    private Lsn reached(List<Client> counting, Function<StandbyPositions, Lsn> which) {
        return counting.stream()
                .map(client -> which.apply(client.counted))
                .filter(position -> counting.stream()
                                .filter(client -> !which.apply(client.counted).isBefore(position))
                                .count()
                        >= rule.count)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }
}
