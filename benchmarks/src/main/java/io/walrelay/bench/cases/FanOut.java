package io.walrelay.bench.cases;

import io.walrelay.bench.client.WalClients;
import io.walrelay.bench.figure.Alternation;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.stage.Certificate;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Primary;
import io.walrelay.bench.stage.ProcessCpu;
import io.walrelay.bench.stage.RelayProcess;
import io.walrelay.bench.stage.Wal;
import io.walrelay.bench.stage.Workshop;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Many clients that pull the same WAL at once, in the clear or with TLS: the relay beside PostgreSQL's walsenders. */
public final class FanOut implements BenchCase {
    private static final String PEER = "PostgreSQL";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final boolean encrypted;

    /** @param encrypted whether all of them use TLS */
    FanOut(boolean encrypted) {
        this.encrypted = encrypted;
    }

    /** A server to pull from, and how to tell its CPU time. */
    private record Server(String name, int port, Cpu cpu) {}

    @FunctionalInterface
    private interface Cpu {
        double seconds() throws IOException;
    }

    @Override
    public String name() {
        return encrypted ? "fan-out-tls" : "fan-out";
    }

    @Override
    public String title() {
        return "clients that pull the same stretch of WAL at once" + (encrypted ? " with TLS" : "")
                + ", and throw it away";
    }

    @Override
    public List<String> notes(Scale scale) {
        List<String> notes = new ArrayList<>(List.of(
                "The clients are threads of the benchmark, one for each core, that read what comes into their memory and"
                        + " throw it away. They use the same cores as the server does, but their CPU time is not counted"
                        + " as its.",
                "All clients have connected, shaken hands and logged in before the time begins, and stay until it has ended:"
                        + " it is from START_REPLICATION to the last byte. CPU is that of the relay's process, or of"
                        + " PostgreSQL's postmaster and all its children. "
                        + ProcessCpu.precision()
                        + " Both servers have served such clients once before anything is measured, and have all of the"
                        + " WAL in the page cache."));
        if (encrypted) {
            notes.add("TLS is 1.3, with the suite that each server chooses, and a key of RSA 2048 that matters for the"
                    + " handshake alone, which is not in the time. The clients decrypt on the same cores.");
        }
        return notes;
    }

    @Override
    public List<Place> places() throws IOException {
        // With TLS most of the work is no file's, and many clients take long.
        return encrypted ? Place.memoryFirst() : Place.all();
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        says.accept("writing " + Sizes.text(scale.clientBytes()) + " of WAL on a primary");
        Primary primary = Primary.start(workshop, Map.of("fsync", "off"));
        Wal wal = primary.write(scale.clientBytes());
        Map<String, String> settings = new LinkedHashMap<>();
        if (encrypted) {
            encrypt(
                    primary.cluster(),
                    Certificate.make(workshop, primary.cluster().data()));
            settings.putAll(tls(Certificate.make(workshop, Files.createDirectory(workshop.newPath("tls")))));
        }
        says.accept("having the relay receive it");
        settings.put("primary_conninfo", primary.cluster().conninfo());
        settings.put("primary_slot_name", primary.copySlot(wal));
        settings.put("wal_keep_size", "100GB");
        settings.put("wal_sender_timeout", "0");
        settings.put("max_wal_senders", "120");
        RelayProcess relay = workshop.closing(RelayProcess.start(workshop, settings));
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

    private static Map<String, String> tls(Certificate certificate) {
        return Map.of(
                "ssl", "on",
                "ssl_cert_file", certificate.file().toString(),
                "ssl_key_file", certificate.key().toString());
    }

    private static void encrypt(PostgresCluster cluster, Certificate certificate) throws IOException {
        tls(certificate).forEach(cluster::set);
        cluster.reload();
    }

    private void measure(
            List<Server> servers, int count, Wal wal, Scale scale, Recorder recorder, Consumer<String> says)
            throws Exception {
        long each = scale.clientBytes();
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

    private void pull(Server server, int count, Lsn from, Lsn to, Sink sink) throws IOException {
        try (WalClients clients = new WalClients(server.port(), count, "bench", encrypted)) {
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
