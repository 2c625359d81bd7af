package io.walrelay.bench.micro;

import io.walrelay.proxy.wal.WalWriter;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * WAL to segment files, as the upstream's loop writes it, with the flusher beside it and no check of what is written.
 */
@State(Scope.Thread)
public class WriterBenchmark {
    private static final int PIECE = 64 * 1024;

    @SuppressWarnings("NullAway.Init") // by JMH
    private SampleWal wal;

    @SuppressWarnings("NullAway.Init") // by JMH
    private SampleStore sample;

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
        offset = 0;
        sample = SampleStore.create(wal, flusher);
    }

    /** Writes 1 MB in pieces as they come from a socket, each at once. */
    @Benchmark
    public Lsn write() throws IOException {
        WalWriter writer = sample.store().writer();
        for (int end = offset + SampleWal.MB; offset < end; offset += PIECE) {
            writer.append(wal.bytes().retainedSlice(offset, PIECE));
            writer.writeOut();
        }
        offset %= wal.bytes().readableBytes();
        return writer.received();
    }

    /** Removes what was written. */
    @TearDown(Level.Iteration)
    public void remove() throws IOException {
        sample.close();
    }

    /** Ends the flusher's thread. */
    @TearDown
    public void stop() {
        flusher.shutdown();
    }
}
