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
import io.walrelay.bench.stage.Primary;
import io.walrelay.bench.stage.ProcessCpu;
import io.walrelay.bench.stage.Site;
import io.walrelay.bench.stage.Workshop;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Many clients that follow a busy primary live: behind the relay, behind a cascading standby, and directly. */
public final class Live implements BenchCase {
    private static final String DIRECT = "PostgreSQL";
    private static final String CASCADE = "cascading standby";
    private static final String FOLLOWERS = "bench_follower";
    private static final String REFERENCE = "bench_reference";
    private static final String WALSENDER = "postgres: walsender";
    private static final int RATE = 300;
    private static final int WRITERS = 4;
    private static final int SCALE = 10;

    /** Longer than any measurement: pgbench is ended when it is over. */
    private static final int WRITING_SECONDS = 120;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(7);
    private static final int COMMITS_BEFORE = 50;
    private static final int WARM_UP = 2;

    /** A server that followers follow, and who must be let in to the primary for it. */
    private record Server(String name, int port, Set<Client> clients) {}

    /** CPU time, in seconds: what the server has used, and the primary's walsenders but that of the reference. */
    private record Cpu(double server, double senders) {
        static Cpu of(Site site, Server server, long reference) throws IOException {
            double senders = ProcessCpu.ofChildren(site.primary().pid(), WALSENDER) - ProcessCpu.of(reference);
            double own = switch (server.name()) {
                case DIRECT -> senders;
                case CASCADE -> ProcessCpu.ofTree(Primary.pid(site.standby()));
                default -> ProcessCpu.of(site.relay().pid());
            };
            return new Cpu(own, senders);
        }
    }

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
                "pgbench -N writes " + RATE + " transactions a second, and the benchmark commits one about every "
                        + TimeUnit.NANOSECONDS.toMillis(PAUSE_NANOS) + " ms, " + scale.liveCommits()
                        + " in each measurement. The delay is from before such a commit is sent to when it has arrived at"
                        + " the last of the followers, which are all threads of the benchmark.",
                "In each measurement one more client, the reference, follows the primary directly, with a thread of its own."
                        + " What is added is, commit by commit and by one clock, the arrival at the last of the followers"
                        + " minus that at the reference; the percentiles are of that.",
                "Behind the relay or the standby, the primary serves the one that is measured and the reference, and the"
                        + " other is not let in. \""
                        + DIRECT
                        + "\" is the primary itself, with the followers and the reference: there the reference is"
                        + " one of them, the first to connect, so that what is added is only how far apart they are, and"
                        + " can be negative. What is added behind the relay compares to the standby; the delay from the"
                        + " commit compares to both.",
                "The server's CPU is that of the relay's process, of all processes of the standby (which replays the WAL"
                        + " too, as it must), or of PostgreSQL's walsenders for the followers. The CPU of the primary's"
                        + " walsenders is without that of the reference's. "
                        + ProcessCpu.precision());
    }

    @Override
    public List<Place> places() throws IOException {
        return Place.all();
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        says.accept("starting a primary, a relay and a standby");
        Site site = Site.start(workshop);
        Pgbench pgbench = new Pgbench(workshop, site.primary().cluster(), SCALE);
        List<Server> servers = List.of(
                new Server(DIRECT, site.primary().cluster().port(), Set.of()),
                new Server(CASCADE, site.standby().port(), Set.of(Client.STANDBY)),
                new Server(Series.RELAY, site.relay().port(), Set.of(Client.RELAY)));
        try (Committer committer = new Committer(site.primary().cluster())) {
            for (Server server : servers) {
                says.accept("warming " + server.name());
                measure(site, pgbench, server, committer, 8, WARM_UP * scale.liveCommits(), new Recorder(name(), ""));
            }
            for (int count : scale.clients()) {
                Alternation.run(scale.pairs(), servers, (server, round) -> {
                    says.accept(
                            count + " followers, pair " + (round + 1) + " of " + scale.pairs() + ": " + server.name());
                    measure(site, pgbench, server, committer, count, scale.liveCommits(), recorder);
                });
            }
        }
    }

    private static void measure(
            Site site,
            Pgbench pgbench,
            Server server,
            Committer committer,
            int count,
            int commitCount,
            Recorder recorder)
            throws Exception {
        site.gate().admit(server.clients());
        Primary primary = site.primary();
        Lsn from = primary.flushed();
        // The reference comes first: a server wakes its walsenders in the order of their slots (WalSndWakeup), and each
        // takes the first that is free.
        try (Followers reference = new Followers(primary.cluster().port(), 1, REFERENCE, from);
                Followers followers = new Followers(server.port(), count, FOLLOWERS, from);
                Child writing = pgbench.start(WRITERS, WRITING_SECONDS, RATE)) {
            long referenceSender = primary.walsender(REFERENCE);
            committer.commit(COMMITS_BEFORE, PAUSE_NANOS);
            writing.checkAlive();
            Cpu before = Cpu.of(site, server, referenceSender);
            long begun = System.nanoTime();
            List<Committer.Commit> commits = committer.commit(commitCount, PAUSE_NANOS);
            double elapsed = (System.nanoTime() - begun) / 1e9;
            Cpu after = Cpu.of(site, server, referenceSender);
            writing.checkAlive();
            followers.awaitAll(commits.getLast().position());
            reference.awaitAll(commits.getLast().position());
            String setting = count == 1 ? "1 follower" : count + " followers";
            tellDelays(setting, server, commits, followers, reference, recorder);
            double used = (after.server() - before.server()) * 100 / elapsed;
            double senders = (after.senders() - before.senders()) * 100 / elapsed;
            recorder.add(setting, "server's CPU", "% of a core", server.name(), used);
            recorder.add(setting, "CPU of the primary's walsenders", "% of a core", server.name(), senders);
        }
    }

    private static void tellDelays(
            String setting,
            Server server,
            List<Committer.Commit> commits,
            Followers followers,
            Followers reference,
            Recorder recorder) {
        Percentiles delay = new Percentiles();
        Percentiles added = new Percentiles();
        for (Committer.Commit commit : commits) {
            long last = followers.lastArrival(commit.position());
            delay.add((last - commit.begun()) / 1e6);
            added.add((last - reference.lastArrival(commit.position())) / 1e6);
        }
        tell(setting, "commit to the last follower", server, delay, recorder);
        tell(setting, "added to the direct follower", server, added, recorder);
    }

    private static void tell(String setting, String metric, Server server, Percentiles millis, Recorder recorder) {
        recorder.add(setting, metric + ", p50", "ms", server.name(), millis.at(50));
        recorder.add(setting, metric + ", p99", "ms", server.name(), millis.at(99));
    }
}
