package io.walrelay.bench.cases;

import io.walrelay.bench.figure.Alternation;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.link.SlowLink;
import io.walrelay.bench.stage.Child;
import io.walrelay.bench.stage.Pgbench;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Primary;
import io.walrelay.bench.stage.RelayProcess;
import io.walrelay.bench.stage.Unavailable;
import io.walrelay.bench.stage.Wal;
import io.walrelay.bench.stage.Workshop;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalSegmentSize;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** WAL to another site over a slow link: relay to relay, beside pg_receivewal from the primary. */
public final class Wan implements BenchCase {
    private static final String DIRECT = "pg_receivewal";
    private static final int LEVEL = 1;

    private static final Contender PG_RECEIVEWAL = new Contender(DIRECT, Map.of());
    private static final Contender UNCOMPRESSED =
            new Contender(Series.RELAY + ", not compressed", Map.of("wal_receiver_compression", "off"));
    private static final Contender FIXED = new Contender(
            Series.RELAY + ", level " + LEVEL,
            Map.of("wal_receiver_compression", "zstd", "wal_receiver_compression_level", Integer.toString(LEVEL)));
    private static final Contender ADAPTIVE = new Contender(Series.RELAY, Map.of("wal_receiver_compression", "zstd"));

    /** On the slower link nothing is waited for that is not compressed. */
    private static final List<Link> LINKS = List.of(
            new Link(100, List.of(PG_RECEIVEWAL, UNCOMPRESSED, FIXED, ADAPTIVE)),
            new Link(20, List.of(FIXED, ADAPTIVE)));

    private static final int SCALE = 10;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** What receives on the far side, and the settings by which a relay does. */
    private record Contender(String name, Map<String, String> settings) {
        boolean isCompressed() {
            return settings.containsValue("zstd");
        }
    }

    /** A rate of the link, in Mbit/s, and who is measured over it. */
    private record Link(int megabits, List<Contender> contenders) {
        String setting() {
            return megabits + " Mbit/s, 50 ms";
        }
    }

    /** Something on the far side that receives, and where its files come. */
    private record Receiver(Path files, Closeable process) implements Closeable {
        @Override
        public void close() throws IOException {
            process.close();
        }
    }

    @Override
    public String name() {
        return "wan";
    }

    @Override
    public String title() {
        return "WAL over a slow link, relay to relay";
    }

    @Override
    public List<String> notes(Scale scale) {
        return List.of(
                "The far side is a network namespace behind a link of so many Mbit/s, with 25 ms in each direction and a buffer"
                        + " of 1 MB, which the benchmark makes of two tun devices. Bytes on the wire are those of all IP"
                        + " packets in both directions.",
                "The relay on the far side has wal_receiver_compression = zstd; \"not compressed\" is without. The level is"
                        + " left to the relay, which begins with 1 and looks once a second; \"level " + LEVEL
                        + "\" has wal_receiver_compression_level = " + LEVEL
                        + ". The level at the end, and the time in zstd, are those that the near relay's"
                        + " walrelay.compression tells, of the whole stream.",
                "The relay goes to a higher level only while the link is full and zstd takes less than a fifth of the time."
                        + " At 100 Mbit/s level 1 takes about as much already, so that there is little to be seen of it;"
                        + " at 20 Mbit/s there is time to try harder, at the cost of CPU.",
                Sizes.text(scale.wanBytes()) + " of WAL of pgbench -N, scale " + SCALE
                        + ", from the first checkpoint on: at"
                        + " first mostly full pages, later mostly small records. The time is from the beginning of the"
                        + " far side's second file to its last durable one.");
    }

    @Override
    public List<Place> places() throws IOException {
        return Place.memoryFirst();
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        String obstacle = SlowLink.obstacle();
        if (!obstacle.isEmpty()) {
            throw new Unavailable(obstacle);
        }
        SlowLink link = workshop.closing(new SlowLink());
        says.accept("writing " + Sizes.text(scale.wanBytes()) + " of WAL with pgbench");
        Primary primary = Primary.start(
                workshop,
                Map.of(
                        "fsync", "off",
                        "synchronous_commit", "off",
                        "listen_addresses", "127.0.0.1," + SlowLink.NEAR));
        Files.write(
                primary.cluster().data().resolve("pg_hba.conf"),
                List.of("host all all all trust", "host replication all all trust"));
        primary.cluster().reload();
        Pgbench pgbench = new Pgbench(workshop, primary.cluster(), SCALE);
        Wal wal = primary.write(scale.wanBytes(), round -> pgbench.run(8, 2));
        RelayProcess near = near(workshop, primary, wal);
        primary.awaitFlushed(wal.end(), near::checkAlive);
        for (Link rate : LINKS) {
            link.rate(rate.megabits());
            Alternation.run(scale.pairs(), rate.contenders(), (contender, round) -> {
                says.accept(
                        rate.setting() + ", pair " + (round + 1) + " of " + scale.pairs() + ": " + contender.name());
                measure(
                        workshop,
                        link,
                        primary,
                        near,
                        wal,
                        contender,
                        (metric, unit, value) -> recorder.add(rate.setting(), metric, unit, contender.name(), value));
            });
        }
    }

    private interface Sink {
        void add(String metric, String unit, double value);
    }

    private static void measure(
            Workshop workshop,
            SlowLink link,
            Primary primary,
            RelayProcess near,
            Wal wal,
            Contender contender,
            Sink sink)
            throws Exception {
        String slot = primary.copySlot(wal);
        Lsn start = wal.start().plus(WalSegmentSize.DEFAULT.bytes());
        long length = wal.end().minus(start);
        Path files;
        try (Receiver receiver = contender.equals(PG_RECEIVEWAL)
                ? receiveWal(workshop, link, primary, slot)
                : far(workshop, link, near, wal, contender.settings())) {
            files = receiver.files();
            awaitFile(files.resolve(Wal.fileAt(start) + ".partial"));
            long begun = System.nanoTime();
            long before = link.bytes();
            awaitFile(files.resolve(Wal.fileBefore(wal.end())));
            double seconds = (System.nanoTime() - begun) / 1e9;
            long bytes = link.bytes() - before;
            sink.add("rate", "MB/s", length / Sizes.MB / seconds);
            sink.add("WAL for each byte on the wire", "bytes", (double) length / bytes);
            if (contender.isCompressed()) {
                tellCompression(near, sink);
            }
        }
        primary.dropSlot(slot);
        PostgresCluster.delete(files);
    }

    /** Of the connection that was made last: one before it may not be gone yet. */
    private static void tellCompression(RelayProcess near, Sink sink) throws SQLException {
        try (Connection connection = PostgresCluster.connect(near.port());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT level, zstd_time / raw_bytes FROM walrelay.compression"
                        + " WHERE backend_type = 'walsender' ORDER BY pid DESC LIMIT 1")) {
            row.next();
            sink.add("level at the end", "of zstd", row.getInt(1));
            sink.add("time in zstd", "s/GB", row.getDouble(2) / 1000 * Sizes.GB);
        }
    }

    private static RelayProcess near(Workshop workshop, Primary primary, Wal wal) throws Exception {
        Path hba = Files.writeString(workshop.newPath("pg_hba.conf"), "host all,replication all all trust\n");
        return workshop.closing(RelayProcess.start(
                workshop,
                Map.of(
                        "listen_addresses", "127.0.0.1," + SlowLink.NEAR,
                        "hba_file", hba.toString(),
                        "primary_conninfo", primary.cluster().conninfo(),
                        "primary_slot_name", primary.copySlot(wal),
                        "wal_keep_size", "100GB")));
    }

    /** A relay on the far side, which has the first segment already: so it goes on with the second. */
    private static Receiver far(
            Workshop workshop, SlowLink link, RelayProcess near, Wal wal, Map<String, String> settings)
            throws IOException {
        Path data = workshop.newPath("far");
        Path files = Files.createDirectories(data.resolve("pg_wal"));
        String first = Wal.fileAt(wal.start());
        Files.copy(near.wal().resolve(first), files.resolve(first));
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put("data_directory", data.toString());
        all.put("primary_conninfo", "host=" + SlowLink.NEAR + " port=" + near.port() + " user=postgres");
        RelayProcess relay = RelayProcess.start(workshop, link.onTheFarSide(), all);
        return new Receiver(relay.wal(), relay);
    }

    private static Receiver receiveWal(Workshop workshop, SlowLink link, Primary primary, String slot)
            throws IOException {
        Path files = Files.createDirectory(workshop.newPath("receivewal"));
        List<String> command = new ArrayList<>(link.onTheFarSide());
        command.addAll(List.of(
                workshop.installation().tool(DIRECT),
                "-h",
                SlowLink.NEAR,
                "-p",
                Integer.toString(primary.cluster().port()),
                "-U",
                "postgres",
                "-D",
                files.toString(),
                "-S",
                slot,
                "--no-loop"));
        return new Receiver(files, Child.start(DIRECT, workshop.newPath("receivewal.log"), command));
    }

    private static void awaitFile(Path file) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!Files.exists(file)) {
            if (System.nanoTime() > deadline) {
                throw new IOException(file + " has not come");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
