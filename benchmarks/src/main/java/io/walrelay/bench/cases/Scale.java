package io.walrelay.bench.cases;

import java.util.List;

/**
 * How much is measured, and how often.
 *
 * @param pairs how often each contender is measured
 * @param ingestBytes the WAL that a receiver takes, and then half as much again
 * @param clientBytes the WAL that each client pulls
 * @param clients how many clients there are
 * @param commits how many commits the delay of a hop is taken from
 * @param liveCommits how many commits the delay of live followers is taken from
 * @param syncClients how many clients of pgbench wait for a synchronous standby
 * @param seconds how long pgbench runs
 * @param idleSeconds how long a server is watched that has nothing to do
 * @param wanBytes the WAL that is sent over a slow link
 */
public record Scale(
        int pairs,
        long ingestBytes,
        long clientBytes,
        List<Integer> clients,
        int commits,
        int liveCommits,
        List<Integer> syncClients,
        int seconds,
        int idleSeconds,
        long wanBytes) {
    private static final long MB = 1 << 20;

    /** Copies the list. */
    public Scale {
        clients = List.copyOf(clients);
        syncClients = List.copyOf(syncClients);
    }

    /** As the figures of the documentation are taken. */
    public static Scale full() {
        return new Scale(5, 2048 * MB, 1024 * MB, List.of(1, 8, 32, 100), 1500, 250, List.of(1, 8, 32), 3, 6, 256 * MB);
    }

    /** To see that it works: what comes out means little. */
    public static Scale quick() {
        return new Scale(2, 64 * MB, 64 * MB, List.of(1, 8), 200, 50, List.of(1, 8), 1, 1, 32 * MB);
    }

    /** The same with another number of pairs. */
    public Scale withPairs(int number) {
        return new Scale(
                number,
                ingestBytes,
                clientBytes,
                clients,
                commits,
                liveCommits,
                syncClients,
                seconds,
                idleSeconds,
                wanBytes);
    }

    /** The same with so many clients. */
    public Scale withClients(List<Integer> counts) {
        return new Scale(
                pairs,
                ingestBytes,
                clientBytes,
                counts,
                commits,
                liveCommits,
                syncClients,
                seconds,
                idleSeconds,
                wanBytes);
    }
}
