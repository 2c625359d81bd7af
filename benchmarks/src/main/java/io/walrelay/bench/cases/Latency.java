package io.walrelay.bench.cases;

import io.walrelay.bench.client.Committer;
import io.walrelay.bench.client.Followers;
import io.walrelay.bench.figure.Alternation;
import io.walrelay.bench.figure.Percentiles;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.stage.Client;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Site;
import io.walrelay.bench.stage.Workshop;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** From a commit on the primary to its bytes at a follower: directly, behind the relay, behind a cascading standby. */
public final class Latency implements BenchCase {
    private static final String DIRECT = "directly";
    private static final String CASCADE = "cascading standby";
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int WARM_UP = 1000;

    /**
     * Who stands between the primary and the followers of one measurement, beside the one that is connected directly.
     */
    private record Hops(String setting, Set<Client> clients) {}

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String title() {
        return "from a commit on the primary to its bytes at a follower";
    }

    @Override
    public List<String> notes(Scale scale) {
        return List.of(
                "One process commits " + scale.commits() + " small transactions, 2 ms apart, and follows the primary"
                        + " directly and behind one hop at the same time, with one clock. What a hop adds is, for each commit,"
                        + " the time between its arrival at the one follower and at the other; the percentiles are of that."
                        + " \"Directly\" is from before the transaction was sent.",
                "\"one hop\": only the relay, or only the standby, is connected to the primary, in alternation. \"both"
                        + " hops\": both are, with a follower behind each, and all of them use the machine's cores at the"
                        + " same moments.",
                "The relay sends WAL when it is written; PostgreSQL's cascading standby when it has flushed it. fsync is on"
                        + " everywhere.");
    }

    @Override
    public List<Place> places() throws IOException {
        return Place.all();
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        says.accept("starting a primary, a relay and a standby");
        Site site = Site.start(workshop);
        List<Hops> contenders = List.of(
                new Hops("one hop", Set.of(Client.RELAY)),
                new Hops("one hop", Set.of(Client.STANDBY)),
                new Hops("both hops", Set.of(Client.RELAY, Client.STANDBY)));
        try (Committer committer = new Committer(site.primary().cluster())) {
            for (Hops hops : contenders) {
                measure(site, hops, committer, WARM_UP, new Recorder(name(), ""));
            }
            Alternation.run(scale.pairs(), contenders, (hops, round) -> {
                says.accept(
                        "pair " + (round + 1) + " of " + scale.pairs() + ": " + hops.setting() + ", " + hops.clients());
                measure(site, hops, committer, scale.commits(), recorder);
            });
        }
    }

    private static void measure(Site site, Hops hops, Committer committer, int count, Recorder recorder)
            throws Exception {
        site.gate().admit(hops.clients());
        Lsn from = site.primary().flushed();
        Map<String, Followers> followers = new LinkedHashMap<>();
        try {
            followers.put(DIRECT, follower(site.primary().cluster().port(), from));
            if (hops.clients().contains(Client.STANDBY)) {
                followers.put(CASCADE, follower(site.standby().port(), from));
            }
            if (hops.clients().contains(Client.RELAY)) {
                followers.put(Series.RELAY, follower(site.relay().port(), from));
            }
            List<Committer.Commit> commits = committer.commit(count, PAUSE_NANOS);
            for (Followers one : followers.values()) {
                one.awaitAll(commits.getLast().position());
            }
            tell(hops, commits, followers, recorder);
        } finally {
            followers.values().forEach(Followers::close);
        }
    }

    private static Followers follower(int port, Lsn from) throws IOException {
        return new Followers(port, 1, "bench_follower", from);
    }

    private static void tell(
            Hops hops, List<Committer.Commit> commits, Map<String, Followers> followers, Recorder recorder) {
        Map<Committer.Commit, Long> direct = new LinkedHashMap<>();
        followers.forEach((name, one) -> {
            Percentiles micros = new Percentiles();
            for (Committer.Commit commit : commits) {
                long arrived = one.lastArrival(commit.position());
                long since = name.equals(DIRECT) ? commit.begun() : direct.getOrDefault(commit, 0L);
                direct.putIfAbsent(commit, arrived);
                micros.add((arrived - since) / 1e3);
            }
            String what = name.equals(DIRECT) ? "from commit, " : "added, ";
            String setting = name.equals(DIRECT) ? "directly, beside " + hops.setting() : hops.setting();
            recorder.add(setting, what + "p50", "µs", name, micros.at(50));
            recorder.add(setting, what + "p99", "µs", name, micros.at(99));
            recorder.add(setting, what + "max", "µs", name, micros.at(100));
        });
    }
}
