package io.walrelay.bench.cases;

import io.walrelay.bench.client.Committer;
import io.walrelay.bench.client.Followers;
import io.walrelay.bench.figure.Alternation;
import io.walrelay.bench.figure.Percentiles;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.stage.Child;
import io.walrelay.bench.stage.Client;
import io.walrelay.bench.stage.Pgbench;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.ProcessCpu;
import io.walrelay.bench.stage.Site;
import io.walrelay.bench.stage.Workshop;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Many clients that follow a busy primary live: behind the relay, and directly. */
public final class Live implements BenchCase {
    private static final String PEER = "PostgreSQL";
    private static final String WALSENDER = "postgres: walsender";
    private static final int RATE = 300;
    private static final int WRITERS = 4;
    private static final int SCALE = 10;
    private static final int SECONDS_AROUND = 10;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int COMMITS_PER_SECOND = 80;

    /** A server that followers follow, and who must be let in to the primary for it. */
    private record Server(String name, int port, Set<Client> clients) {}

    @Override
    public String name() {
        return "live";
    }

    @Override
    public String title() {
        return "clients that follow the end of the WAL while pgbench writes";
    }

    @Override
    public List<String> notes(Scale scale) {
        return List.of(
                "pgbench -N writes " + RATE
                        + " transactions a second, and the benchmark commits one about every 10 ms. The"
                        + " delay is from before such a commit is sent to when it has arrived at the last of the followers,"
                        + " which are all threads of the benchmark.",
                "The server's CPU is that of the relay's process, or of PostgreSQL's walsenders. With the relay, the primary"
                        + " has one walsender, whose CPU is told as the primary's. "
                        + ProcessCpu.precision());
    }

    @Override
    public List<Place> places() throws IOException {
        return Place.all().subList(0, 1);
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        says.accept("starting a primary and a relay");
        Site site = Site.start(workshop);
        Pgbench pgbench = new Pgbench(workshop, site.primary().cluster(), SCALE);
        List<Server> servers = List.of(
                new Server(PEER, site.primary().cluster().port(), Set.of()),
                new Server(Series.RELAY, site.relay().port(), Set.of(Client.RELAY)));
        try (Committer committer = new Committer(site.primary().cluster())) {
            for (Server server : servers) {
                says.accept("warming " + server.name());
                measure(site, pgbench, server, committer, 8, 2, new Recorder(name(), ""));
            }
            for (int count : scale.clients()) {
                Alternation.run(scale.pairs(), servers, (server, round) -> {
                    says.accept(
                            count + " followers, pair " + (round + 1) + " of " + scale.pairs() + ": " + server.name());
                    measure(site, pgbench, server, committer, count, scale.seconds(), recorder);
                });
            }
        }
    }

    private static void measure(
            Site site, Pgbench pgbench, Server server, Committer committer, int count, int seconds, Recorder recorder)
            throws Exception {
        site.gate().admit(server.clients());
        long postmaster = site.primary().pid();
        try (Followers followers =
                        new Followers(server.port(), count, site.primary().flushed());
                Child writing = pgbench.start(WRITERS, seconds + SECONDS_AROUND, RATE)) {
            committer.commit(COMMITS_PER_SECOND, PAUSE_NANOS);
            writing.checkAlive();
            double relay = ProcessCpu.of(site.relay().pid());
            double senders = ProcessCpu.ofChildren(postmaster, WALSENDER);
            long begun = System.nanoTime();
            List<Committer.Commit> commits = committer.commit(COMMITS_PER_SECOND * seconds, PAUSE_NANOS);
            double elapsed = (System.nanoTime() - begun) / 1e9;
            double sendersUsed = ProcessCpu.ofChildren(postmaster, WALSENDER) - senders;
            double relayUsed = ProcessCpu.of(site.relay().pid()) - relay;
            writing.checkAlive();
            followers.awaitAll(commits.getLast().position());
            Percentiles millis = new Percentiles();
            commits.forEach(commit -> millis.add((followers.lastArrival(commit.position()) - commit.begun()) / 1e6));
            String setting = count == 1 ? "1 follower" : count + " followers";
            String name = server.name();
            recorder.add(setting, "commit to the last follower, p50", "ms", name, millis.at(50));
            recorder.add(setting, "commit to the last follower, p99", "ms", name, millis.at(99));
            double used = name.equals(Series.RELAY) ? relayUsed : sendersUsed;
            recorder.add(setting, "server's CPU", "% of a core", name, used * 100 / elapsed);
            recorder.add(setting, "CPU of the primary's walsenders", "% of a core", name, sendersUsed * 100 / elapsed);
        }
    }
}
