package io.walrelay.bench.cases;

import io.walrelay.bench.client.Committer;
import io.walrelay.bench.client.Followers;
import io.walrelay.bench.client.LoginProbe;
import io.walrelay.bench.figure.Alternation;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.stage.Child;
import io.walrelay.bench.stage.Client;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Primary;
import io.walrelay.bench.stage.ProcessCpu;
import io.walrelay.bench.stage.ProcessMemory;
import io.walrelay.bench.stage.RelayProcess;
import io.walrelay.bench.stage.Site;
import io.walrelay.bench.stage.Workshop;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What it costs to have something stand behind a primary that has nothing to do, and how soon it is there. */
public final class Rest implements BenchCase {
    private static final String STANDBY = "cascading standby";
    private static final String RECEIVEWAL = "pg_receivewal";
    private static final int CLIENTS = 100;
    private static final int COMMITS = 200;
    private static final long SETTLE_MILLIS = 3000;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Reads something of a running contender. */
    @FunctionalInterface
    private interface Reading {
        double take() throws IOException;
    }

    /** A contender that has been started. */
    private record Started(String name, int port, Reading memory, Reading cpu) {}

    @Override
    public String name() {
        return "rest";
    }

    @Override
    public String title() {
        return "memory, CPU without anything to do, and the time of a start";
    }

    @Override
    public List<String> notes(Scale scale) {
        return List.of(
                "Memory is what is resident of the relay's process and of pg_receivewal's, and of the standby's processes"
                        + " together, with what they share counted once (PSS). The standby has shared_buffers = 128MB, of which"
                        + " only what was used is resident. Each has followed some commits; \"" + CLIENTS
                        + " clients\" have streamed them too.",
                "CPU is measured for " + scale.idleSeconds() + " s, " + settleMillis(scale) / 1000
                        + " s after the last work, while the primary has nothing to do either. "
                        + ProcessCpu.precision(),
                "The start is from the command to the first client that was let in. The relay is started by its launcher"
                        + " with an empty directory;"
                        + " the standby was shut down in good order, and is looked at every 20 ms.");
    }

    @Override
    public List<Place> places() throws IOException {
        return Place.diskFirst();
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        says.accept("starting a primary and a standby");
        Site site = Site.start(workshop);
        site.relay().close();
        site.standby().stop(PostgresCluster.StopMode.FAST);
        List<String> contenders = List.of(STANDBY, Series.RELAY, RECEIVEWAL);
        Alternation.run(scale.pairs(), contenders, (contender, round) -> {
            says.accept("pair " + (round + 1) + " of " + scale.pairs() + ": " + contender);
            switch (contender) {
                case STANDBY -> standby(site, scale, recorder);
                case RECEIVEWAL -> receiveWal(workshop, site, scale, recorder);
                default -> relay(workshop, site, scale, recorder);
            }
        });
    }

    private static void standby(Site site, Scale scale, Recorder recorder) throws Exception {
        site.gate().allow(Set.of(Client.STANDBY));
        long begun = System.nanoTime();
        site.standby().start();
        LoginProbe.await(site.standby().port(), LIMIT);
        recorder.add("start", "to accepting clients", "s", STANDBY, (System.nanoTime() - begun) / 1e9);
        long pid = Primary.pid(site.standby());
        measure(
                new Started(
                        STANDBY,
                        site.standby().port(),
                        () -> ProcessMemory.proportionalOfTree(pid),
                        () -> ProcessCpu.ofTree(pid)),
                site,
                Client.STANDBY,
                scale,
                recorder);
        site.standby().stop(PostgresCluster.StopMode.FAST);
    }

    private static void relay(Workshop workshop, Site site, Scale scale, Recorder recorder) throws Exception {
        site.gate().allow(Set.of(Client.RELAY));
        long begun = System.nanoTime();
        try (RelayProcess relay = site.newRelay(workshop)) {
            LoginProbe.await(relay.port(), LIMIT);
            recorder.add("start", "to accepting clients", "s", Series.RELAY, (System.nanoTime() - begun) / 1e9);
            measure(
                    new Started(
                            Series.RELAY,
                            relay.port(),
                            () -> ProcessMemory.resident(relay.pid()),
                            () -> ProcessCpu.of(relay.pid())),
                    site,
                    Client.RELAY,
                    scale,
                    recorder);
        }
    }

    private static void receiveWal(Workshop workshop, Site site, Scale scale, Recorder recorder) throws Exception {
        site.gate().allow(Set.of(Client.RECEIVEWAL));
        try (Child receiver = site.receiveWal(workshop, Files.createDirectory(workshop.newPath("receivewal")))) {
            Started started = new Started(
                    RECEIVEWAL, 0, () -> ProcessMemory.resident(receiver.pid()), () -> ProcessCpu.of(receiver.pid()));
            measure(started, site, Client.RECEIVEWAL, scale, recorder);
        }
    }

    private static void measure(Started started, Site site, Client client, Scale scale, Recorder recorder)
            throws Exception {
        PostgresCluster primary = site.primary().cluster();
        try (Committer committer = new Committer(primary)) {
            committer.commit(COMMITS, 0);
            site.gate().await(Set.of(client), () -> {});
            rest(started, "no clients", scale, recorder);
            if (started.port() != 0) {
                Lsn from = site.primary().flushed();
                try (Followers followers = new Followers(started.port(), CLIENTS, "bench_follower", from)) {
                    followers.awaitAll(committer.commit(COMMITS, 0).getLast().position());
                    rest(started, CLIENTS + " clients", scale, recorder);
                }
            }
        }
    }

    private static void rest(Started started, String setting, Scale scale, Recorder recorder) throws Exception {
        TimeUnit.MILLISECONDS.sleep(settleMillis(scale));
        double cpu = started.cpu().take();
        long begun = System.nanoTime();
        TimeUnit.SECONDS.sleep(scale.idleSeconds());
        double used = started.cpu().take() - cpu;
        double seconds = (System.nanoTime() - begun) / 1e9;
        recorder.add(setting, "memory", "MB", started.name(), started.memory().take());
        recorder.add(setting, "CPU at rest", "% of a core", started.name(), used * 100 / seconds);
    }

    private static long settleMillis(Scale scale) {
        return Math.min(SETTLE_MILLIS, TimeUnit.SECONDS.toMillis(scale.idleSeconds()));
    }
}
