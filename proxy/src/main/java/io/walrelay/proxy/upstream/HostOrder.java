package io.walrelay.proxy.upstream;

import io.walrelay.proxy.config.ConnectionInfo;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * In which order the hosts of a connection string are tried, and the addresses of each: as written, or drawn with
 * {@code load_balance_hosts=random}.
 */
final class HostOrder {
    private final ConnectionInfo info;
    private final RandomGenerator random;

    HostOrder(ConnectionInfo info, RandomGenerator random) {
        this.info = info;
        this.random = random;
    }

    /** A host, by its index in the connection string, and what it must be to do. */
    record Candidate(int index, TargetSession target) {}

    /** All hosts, beginning with {@code first} unless the order is drawn. */
    List<Candidate> candidates(int first) {
        List<Integer> order = from(first);
        if (isRandom()) {
            Collections.shuffle(order, random);
        }
        return withTargets(order);
    }

    /** All hosts, beginning with {@code first} in any case. */
    List<Candidate> candidatesFrom(int first) {
        return withTargets(from(first));
    }

    private List<Integer> from(int first) {
        int count = info.hosts().size();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            order.add(Math.floorMod(first + i, count));
        }
        return order;
    }

    /** Where a standby is only preferred, a second pass takes what is there; it keeps the order of the first. */
    private List<Candidate> withTargets(List<Integer> order) {
        TargetSession target = TargetSession.of(info);
        List<Candidate> candidates = new ArrayList<>();
        order.forEach(index -> candidates.add(new Candidate(index, target)));
        if (target == TargetSession.PREFER_STANDBY) {
            order.forEach(index -> candidates.add(new Candidate(index, TargetSession.ANY)));
        }
        return List.copyOf(candidates);
    }

    /** The addresses of one host. */
    List<InetAddress> addresses(List<InetAddress> found) {
        if (!isRandom()) {
            return found;
        }
        List<InetAddress> order = new ArrayList<>(found);
        Collections.shuffle(order, random);
        return List.copyOf(order);
    }

    private boolean isRandom() {
        return info.option("load_balance_hosts").orElse("disable").equals("random");
    }
}
