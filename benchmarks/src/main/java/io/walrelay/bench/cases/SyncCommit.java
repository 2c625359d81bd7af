package io.walrelay.bench.cases;

import io.walrelay.bench.figure.Alternation;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.stage.Child;
import io.walrelay.bench.stage.Client;
import io.walrelay.bench.stage.Pgbench;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Site;
import io.walrelay.bench.stage.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Commits that wait for a synchronous standby: the relay beside pg_receivewal and a PostgreSQL standby. */
public final class SyncCommit implements BenchCase {
    private static final int SCALE = 10;

    /** Who is the synchronous standby, and how it is told. */
    private record Standby(String name, Client client) {}

    @Override
    public String name() {
        return "sync-commit";
    }

    @Override
    public String title() {
        return "pgbench whose commits wait for a synchronous standby";
    }

    @Override
    public List<String> notes(Scale scale) {
        return List.of("pgbench -N -M prepared for " + scale.seconds() + " s each, scale " + SCALE
                + ", synchronous_commit = on. Only the one that is measured is connected and named in"
                + " synchronous_standby_names. The relay and the standby run all the time; pg_receivewal --synchronous"
                + " is started for each measurement, before pgbench is. A checkpoint is made before each.");
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
        List<Standby> standbys = List.of(
                new Standby("pg_receivewal --synchronous", Client.RECEIVEWAL),
                new Standby("PostgreSQL standby", Client.STANDBY),
                new Standby(Series.RELAY, Client.RELAY));
        for (Standby standby : standbys) {
            says.accept("warming " + standby.name());
            measure(workshop, site, standby, () -> pgbench.run(8, scale.seconds()));
        }
        for (int clients : scale.syncClients()) {
            String setting = clients == 1 ? "1 client" : clients + " clients";
            Alternation.run(scale.pairs(), standbys, (standby, round) -> {
                says.accept(setting + ", pair " + (round + 1) + " of " + scale.pairs() + ": " + standby.name());
                Pgbench.Outcome outcome = measure(workshop, site, standby, () -> pgbench.run(clients, scale.seconds()));
                recorder.add(setting, "transactions", "1/s", standby.name(), outcome.tps());
                recorder.add(setting, "latency", "ms", standby.name(), outcome.latency());
            });
        }
    }

    private interface Load {
        Pgbench.Outcome run() throws Exception;
    }

    private static Pgbench.Outcome measure(Workshop workshop, Site site, Standby standby, Load load) throws Exception {
        if (standby.client() != Client.RECEIVEWAL) {
            site.gate().admit(Set.of(standby.client()));
            return measure(workshop, site, standby.client(), load);
        }
        Path files = Files.createDirectory(workshop.newPath("receivewal"));
        site.gate().allow(Set.of(standby.client()));
        try (Child receiver = site.receiveWal(workshop, files)) {
            site.gate().await(Set.of(standby.client()), receiver::checkAlive);
            return measure(workshop, site, standby.client(), load);
        }
    }

    private static Pgbench.Outcome measure(Workshop workshop, Site site, Client client, Load load) throws Exception {
        site.primary().cluster().execute("CHECKPOINT");
        workshop.settle();
        site.primary().synchronous(client.user());
        try {
            return load.run();
        } finally {
            site.primary().synchronous("");
        }
    }
}
