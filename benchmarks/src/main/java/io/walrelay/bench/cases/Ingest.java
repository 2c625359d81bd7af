package io.walrelay.bench.cases;

import io.walrelay.bench.figure.Alternation;
import io.walrelay.bench.figure.Recorder;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.stage.Child;
import io.walrelay.bench.stage.Place;
import io.walrelay.bench.stage.Primary;
import io.walrelay.bench.stage.ProcessCpu;
import io.walrelay.bench.stage.RelayProcess;
import io.walrelay.bench.stage.Wal;
import io.walrelay.bench.stage.Workshop;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** WAL from the primary's pg_wal to durable files: the relay beside pg_receivewal. */
public final class Ingest implements BenchCase {
    private static final String PEER = "pg_receivewal";
    private static final String UNCHECKED = Series.RELAY + ", wal_verify=off";
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** A receiver that runs: its process, and where its files come. */
    private record Receiver(long pid, Path files, Closeable process) implements Closeable {
        @Override
        public void close() throws IOException {
            process.close();
        }
    }

    /** A moment. */
    private record Mark(long nanos, double cpu) {
        static Mark now(long pid) throws IOException {
            return new Mark(System.nanoTime(), ProcessCpu.of(pid));
        }
    }

    @Override
    public String name() {
        return "ingest";
    }

    @Override
    public String title() {
        return "WAL from the primary's pg_wal to durable files";
    }

    @Override
    public List<String> notes(Scale scale) {
        String size = Sizes.text(scale.ingestBytes());
        String more = Sizes.text(scale.ingestBytes() / 2);
        return List.of(
                "Each receiver is started anew with an empty directory and a slot of its own. \"First " + size
                        + "\" is from when its first file appears to when the file that ends the first " + size
                        + " has its final name, which both give it after it was flushed; \"next " + more
                        + "\" is from there to the end of half as much again, in the same process.",
                "CPU is that of the receiving process in the same time. Java's start is not in it, and told by itself;"
                        + " that of a JVM that is not warm yet is, in the first " + size + ".",
                "Before each, twice as much memory as it fills is written to and given free: a virtual machine may have given it back"
                        + " to its host, and who is first to write to it again would pay for that.");
    }

    @Override
    public List<Place> places() throws IOException {
        return Place.all();
    }

    @Override
    public void run(Workshop workshop, Scale scale, Recorder recorder, Consumer<String> says) throws Exception {
        workshop.installation().tool(PEER);
        long bytes = scale.ingestBytes() + scale.ingestBytes() / 2;
        says.accept("writing " + Sizes.text(bytes) + " of WAL on a primary");
        Primary primary = Primary.start(workshop, Map.of("fsync", "off"));
        Wal wal = primary.write(bytes);
        List<String> contenders = List.of(PEER, Series.RELAY, UNCHECKED);
        Alternation.run(scale.pairs(), contenders, (contender, round) -> {
            says.accept("pair " + (round + 1) + " of " + scale.pairs() + ": " + contender);
            String slot = primary.copySlot(wal);
            workshop.settle(bytes);
            Path files;
            try (Receiver receiver = start(workshop, primary, slot, contender)) {
                files = receiver.files();
                measure(
                        receiver,
                        wal,
                        scale,
                        (setting, metric, unit, value) -> recorder.add(setting, metric, unit, contender, value));
            }
            primary.dropSlot(slot);
            PostgresCluster.delete(files);
        });
    }

    private interface Sink {
        void add(String setting, String metric, String unit, double value);
    }

    private static void measure(Receiver receiver, Wal wal, Scale scale, Sink sink) throws IOException {
        Lsn middle = wal.start().plus(scale.ingestBytes());
        Path first = receiver.files().resolve(Wal.fileAt(wal.start()) + ".partial");
        Mark start = awaitFile(receiver, first);
        Mark half = awaitFile(receiver, receiver.files().resolve(Wal.fileBefore(middle)));
        Mark end = awaitFile(receiver, receiver.files().resolve(Wal.fileBefore(wal.end())));
        String size = Sizes.text(scale.ingestBytes());
        add(sink, "first " + size, start, half, scale.ingestBytes());
        add(
                sink,
                "next " + Sizes.text(wal.end().minus(middle)),
                half,
                end,
                wal.end().minus(middle));
        sink.add("before the first file", "CPU", "s", start.cpu());
    }

    private static void add(Sink sink, String setting, Mark from, Mark to, long bytes) {
        double seconds = (to.nanos() - from.nanos()) / 1e9;
        sink.add(setting, "wall time", "s", seconds);
        sink.add(setting, "CPU", "s/GB", (to.cpu() - from.cpu()) / (bytes / Sizes.GB));
        sink.add(setting, "rate", "MB/s", bytes / Sizes.MB / seconds);
    }

    private static Mark awaitFile(Receiver receiver, Path file) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!Files.exists(file)) {
            if (System.nanoTime() > deadline) {
                throw new IOException(file + " has not come");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return Mark.now(receiver.pid());
    }

    private static Receiver start(Workshop workshop, Primary primary, String slot, String contender)
            throws IOException {
        return switch (contender) {
            case PEER -> receiveWal(workshop, primary, slot);
            case UNCHECKED -> relay(workshop, primary, slot, "off");
            default -> relay(workshop, primary, slot, "on");
        };
    }

    private static Receiver receiveWal(Workshop workshop, Primary primary, String slot) throws IOException {
        Path files = Files.createDirectory(workshop.newPath("receivewal"));
        Child child = Child.start(
                PEER,
                files.resolveSibling(files.getFileName() + ".log"),
                List.of(
                        workshop.installation().tool(PEER),
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(primary.cluster().port()),
                        "-U",
                        "postgres",
                        "-D",
                        files.toString(),
                        "-S",
                        slot,
                        "--no-loop"));
        return new Receiver(child.pid(), files, child);
    }

    private static Receiver relay(Workshop workshop, Primary primary, String slot, String verify) throws IOException {
        RelayProcess relay = RelayProcess.start(
                workshop,
                Map.of(
                        "primary_conninfo",
                        primary.cluster().conninfo(),
                        "primary_slot_name",
                        slot,
                        "wal_verify",
                        verify));
        return new Receiver(relay.pid(), relay.wal(), relay);
    }
}
