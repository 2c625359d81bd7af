package io.walrelay.bench.cases;

import java.util.List;

/**
 * How much is measured, and how often.
 *
 * @param pairs how often each contender is measured
 * @param ingestBytes the WAL that a receiver takes, and then as much again
 * @param clientBytes the WAL that each client pulls
 * @param totalBytes what all clients of one measurement pull together, at most
 * @param clients how many clients there are
 */
public record Scale(int pairs, long ingestBytes, long clientBytes, long totalBytes, List<Integer> clients) {
    private static final long MB = 1 << 20;

    /** Copies the list. */
    public Scale {
        clients = List.copyOf(clients);
    }

    /** As the figures of the documentation are taken. */
    public static Scale full() {
        return new Scale(5, 2048 * MB, 1024 * MB, 16_384 * MB, List.of(1, 8, 32, 100));
    }

    /** To see that it works: what comes out means little. */
    public static Scale quick() {
        return new Scale(2, 64 * MB, 64 * MB, 256 * MB, List.of(1, 8));
    }

    /** The same with another number of pairs. */
    public Scale withPairs(int number) {
        return new Scale(number, ingestBytes, clientBytes, totalBytes, clients);
    }

    /** The same without a limit to what all clients pull together. */
    public Scale withoutTotal() {
        return new Scale(pairs, ingestBytes, clientBytes, Long.MAX_VALUE, clients);
    }

    /** What each of so many clients pulls, in bytes: whole segments. */
    public long bytesOfEach(int count) {
        long segment = 16 * MB;
        return Math.max(segment, Math.min(clientBytes, totalBytes / count) / segment * segment);
    }
}
