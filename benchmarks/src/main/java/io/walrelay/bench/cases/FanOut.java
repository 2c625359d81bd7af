package io.walrelay.bench.cases;

import io.walrelay.bench.client.WalClients;
import io.walrelay.bench.figure.Alternation;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Primary;
import io.walrelay.bench.stage.ProcessCpu;
import io.walrelay.bench.stage.RelayProcess;
import io.walrelay.bench.stage.Wal;
import io.walrelay.bench.stage.Workshop;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Many clients that pull the same WAL at once: the relay beside PostgreSQL's walsenders. */
public final class FanOut implements BenchCase {
    private static final String PEER = "PostgreSQL";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    /** A server to pull from, and how to tell its CPU time. */
    private record Server(String name, int port, Cpu cpu) {}

    @FunctionalInterface
    private interface Cpu {
        double seconds() throws IOException;
    }

    @Override
    public String name() {
        return "fan-out";
    }

    @Override
    public String title() {
        return "clients that pull the same stretch of WAL at once, and throw it away";
    }

    @Override
    public List<String> notes(Scale scale) {
        return List.of(
                "The clients are threads of the benchmark, one for each core, that read what comes into their memory and"
                        + " throw it away. They use the same cores as the server does, but their CPU time is not counted"
                        + " as its.",
                "All clients have logged in before the time begins. CPU is that of the relay's process, or of PostgreSQL's"
                        + " postmaster and all its children. Both servers have served such clients once before anything"
                        + " is measured, and have all of the WAL in the page cache.",
                "Together the clients of one measurement pull " + Sizes.text(scale.totalBytes())
                        + " at most, so that many pull less than " + Sizes.text(scale.clientBytes()) + " each.");
    }

    @Override
    public List<Place> places() throws IOException {
        return Place.all().subList(0, 1);
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        says.accept("writing " + Sizes.text(scale.clientBytes()) + " of WAL on a primary");
        Primary primary = Primary.start(workshop, Map.of("fsync", "off"));
        Wal wal = primary.write(scale.clientBytes());
        says.accept("having the relay receive it");
        RelayProcess relay = workshop.closing(RelayProcess.start(
                workshop,
                Map.of(
                        "primary_conninfo",
                        primary.cluster().conninfo(),
                        "primary_slot_name",
                        primary.copySlot(wal),
                        "wal_keep_size",
                        "100GB",
                        "wal_sender_timeout",
                        "0",
                        "max_wal_senders",
                        "120")));
        primary.awaitFlushed(wal.end(), relay::checkAlive);
        long postmaster = primary.pid();
        List<Server> servers = List.of(
                new Server(PEER, primary.cluster().port(), () -> ProcessCpu.ofTree(postmaster)),
                new Server(Series.RELAY, relay.port(), () -> ProcessCpu.of(relay.pid())));
        for (Server server : servers) {
            says.accept("warming " + server.name());
            pull(server, 2, wal.start(), wal.end(), (metric, unit, value) -> {});
        }
        for (int count : scale.clients()) {
            measure(servers, count, wal, scale, recorder, says);
        }
    }

    private static void measure(
            List<Server> servers, int count, Wal wal, Scale scale, Recorder recorder, Consumer<String> says)
            throws Exception {
        long each = scale.bytesOfEach(count);
        String setting = (count == 1 ? "1 client" : count + " clients") + ", " + Sizes.text(each) + " each";
        Alternation.run(scale.pairs(), servers, (server, round) -> {
            says.accept(setting + ", pair " + (round + 1) + " of " + scale.pairs() + ": " + server.name());
            pull(
                    server,
                    count,
                    wal.start(),
                    wal.start().plus(each),
                    (metric, unit, value) -> recorder.add(setting, metric, unit, server.name(), value));
        });
    }

    private interface Sink {
        void add(String metric, String unit, double value);
    }

    private static void pull(Server server, int count, Lsn from, Lsn to, Sink sink) throws IOException {
        try (WalClients clients = new WalClients(server.port(), count, "bench")) {
            double cpu = server.cpu().seconds();
            long begun = System.nanoTime();
            clients.pull(from, to, LIMIT);
            double seconds = (System.nanoTime() - begun) / 1e9;
            double used = server.cpu().seconds() - cpu;
            double bytes = (double) to.minus(from) * count;
            sink.add("rate of all", "MB/s", bytes / Sizes.MB / seconds);
            sink.add("server's CPU", "s/GB", used / (bytes / Sizes.GB));
        }
    }
}
