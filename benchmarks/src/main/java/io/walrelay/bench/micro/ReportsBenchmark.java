package io.walrelay.bench.micro;

import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.walreceiver.StandbyReports;
import io.walrelay.proxy.walreceiver.StandbyXmins;
import io.walrelay.replication.PgClock;
import java.time.Clock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Status updates to what the upstream's socket takes: one for each message of WAL, written and flushed at once. */
@State(Scope.Thread)
public class ReportsBenchmark {
    /** Bytes of WAL that each report is for. */
    @Param("1024")
    private int payload;

    private final EmbeddedChannel channel = new EmbeddedChannel(new Drain());
    private long position;
    private final StandbyReports reports = new StandbyReports(
            channel,
            reader -> reader.positions(position, position, 0),
            () -> StandbyXmins.NONE,
            new PgClock(Clock.systemUTC(), System::nanoTime));

    /** Reports 1 MB. */
    @Benchmark
    public long report() {
        for (long end = position + SampleWal.MB; position < end; ) {
            position += payload;
            reports.reportIfMoved();
        }
        return position;
    }

    /** Ends the channel. */
    @TearDown
    public void release() {
        channel.finishAndReleaseAll();
    }
}
