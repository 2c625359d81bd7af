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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** WAL to another site over a slow link: relay to relay, beside pg_receivewal from the primary. */
public final class Wan implements BenchCase {
    private static final String DIRECT = "pg_receivewal";
    private static final String UNCOMPRESSED = Series.RELAY + ", not compressed";
    private static final String LINK = "100 Mbit/s, 50 ms";
    private static final int SCALE = 10;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(10);

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
                "The far side is a network namespace behind a link of 100 Mbit/s, with 25 ms in each direction and a buffer"
                        + " of 1 MB, which the benchmark makes of two tun devices. Bytes on the wire are those of all IP"
                        + " packets in both directions.",
                "The relay on the far side has wal_receiver_compression = zstd; \"not compressed\" is without.",
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
        Alternation.run(scale.pairs(), List.of(DIRECT, UNCOMPRESSED, Series.RELAY), (contender, round) -> {
            says.accept("pair " + (round + 1) + " of " + scale.pairs() + ": " + contender);
            String slot = primary.copySlot(wal);
            Lsn start = wal.start().plus(WalSegmentSize.DEFAULT.bytes());
            long length = wal.end().minus(start);
            Path files;
            try (Receiver receiver = contender.equals(DIRECT)
                    ? receiveWal(workshop, link, primary, slot)
                    : far(workshop, link, near, wal, contender.equals(UNCOMPRESSED) ? "off" : "zstd")) {
                files = receiver.files();
                awaitFile(files.resolve(Wal.fileAt(start) + ".partial"));
                long begun = System.nanoTime();
                long before = link.bytes();
                awaitFile(files.resolve(Wal.fileBefore(wal.end())));
                double seconds = (System.nanoTime() - begun) / 1e9;
                long bytes = link.bytes() - before;
                recorder.add(LINK, "rate", "MB/s", contender, length / Sizes.MB / seconds);
                recorder.add(LINK, "WAL for each byte on the wire", "bytes", contender, (double) length / bytes);
            }
            primary.dropSlot(slot);
            PostgresCluster.delete(files);
        });
    }

    private static RelayProcess near(Workshop workshop, Primary primary, Wal wal) throws Exception {
        Path hba = Files.writeString(workshop.newPath("pg_hba.conf"), "host replication all all trust\n");
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
    private static Receiver far(Workshop workshop, SlowLink link, RelayProcess near, Wal wal, String compression)
            throws IOException {
        Path data = workshop.newPath("far");
        Path files = Files.createDirectories(data.resolve("pg_wal"));
        String first = Wal.fileAt(wal.start());
        Files.copy(near.wal().resolve(first), files.resolve(first));
        RelayProcess relay = RelayProcess.start(
                workshop,
                link.onTheFarSide(),
                Map.of(
                        "data_directory",
                        data.toString(),
                        "wal_receiver_compression",
                        compression,
                        "primary_conninfo",
                        "host=" + SlowLink.NEAR + " port=" + near.port() + " user=postgres"));
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
