package io.walrelay.bench.micro;

import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.ControlFile;
import io.walrelay.proxy.wal.WalOpener;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.ServerVersion;
import io.walrelay.replication.timeline.TimelineHistory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** WAL to segment files, as the upstream's loop writes it, with the flusher beside it and no check of what is written. */
@State(Scope.Thread)
public class WriterBenchmark {
    private static final int PIECE = 64 * 1024;

    @SuppressWarnings("NullAway.Init") // by JMH
    private SampleWal wal;

    @SuppressWarnings("NullAway.Init") // by JMH
    private Path directory;

    @SuppressWarnings("NullAway.Init") // by JMH
    private WalStore store;

    private final ExecutorService flusher = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("bench-flusher").factory());
    private int offset;

    /** Reads the WAL. */
    @Setup
    public void load() throws IOException {
        wal = SampleWal.load();
    }

    /** Begins in an empty directory beside the WAL. */
    @Setup(Level.Iteration)
    public void create() throws IOException {
        Path parent =
                Path.of(System.getProperty(SampleWal.FILE, "")).toAbsolutePath().getParent();
        directory = Files.createTempDirectory(parent, "writer-");
        offset = 0;
        store = new WalOpener(new LocalStorage(), directory, false, flusher, failure -> {})
                .create(
                        new ControlFile(
                                wal.format().systemIdentifier(),
                                wal.format().segmentSize(),
                                SampleWal.TIMELINE,
                                ServerVersion.parse("15.0"),
                                Instant.EPOCH),
                        TimelineHistory.first(),
                        wal.start());
    }

    /** Writes 1 MB in pieces as they come from a socket, each at once. */
    @Benchmark
    public Lsn write() throws IOException {
        for (int end = offset + SampleWal.MB; offset < end; offset += PIECE) {
            store.writer().append(wal.bytes().retainedSlice(offset, PIECE));
            store.writer().writeOut();
        }
        offset %= wal.bytes().readableBytes();
        return store.writer().received();
    }

    /** Removes what was written. */
    @TearDown(Level.Iteration)
    public void remove() throws IOException {
        store.close();
        PostgresCluster.delete(directory);
    }

    /** Ends the flusher's thread. */
    @TearDown
    public void stop() {
        flusher.shutdown();
    }
}
