package io.walrelay.bench.micro;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.wal.WalStreamChecker;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Page headers, links and checksums of WAL, as {@code wal_verify} has them checked. */
@State(Scope.Thread)
public class StreamCheckerBenchmark {
    private static final int PIECE = 64 * 1024;

    @SuppressWarnings("NullAway.Init") // by JMH
    private SampleWal wal;

    @SuppressWarnings("NullAway.Init") // by JMH
    private WalStreamChecker checker;

    private int offset;

    /** Reads the WAL. */
    @Setup
    public void load() throws IOException {
        wal = SampleWal.load();
    }

    /** Checks 1 MB in pieces as they come from a socket. */
    @Benchmark
    public Lsn check() {
        if (offset == 0) {
            checker = new WalStreamChecker(wal.format(), SampleWal.TIMELINE, wal.start());
        }
        for (int end = offset + SampleWal.MB; offset < end; offset += PIECE) {
            checker.feed(wal.bytes().slice(offset, PIECE));
        }
        offset %= wal.bytes().readableBytes();
        return checker.validatedEnd();
    }
}
