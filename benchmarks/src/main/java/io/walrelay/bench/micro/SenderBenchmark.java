package io.walrelay.bench.micro;

import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.wal.WalWriter;
import io.walrelay.proxy.walsender.SendPosition;
import io.walrelay.proxy.walsender.SenderClient;
import io.walrelay.proxy.walsender.SenderEntry;
import io.walrelay.proxy.walsender.SenderRegistry;
import io.walrelay.proxy.walsender.SenderWakeups;
import io.walrelay.proxy.walsender.WalSender;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.error.PgException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * WAL of segment files to what a socket takes, as a walsender does it: XLogData in CopyData, with small pieces read and
 * copied behind their header, and large ones left to the kernel as a region of the file, whose bytes nobody touches
 * here.
 */
@State(Scope.Thread)
public class SenderBenchmark {
    /** Less than a segment, which thus stays the one that is being written. */
    private static final int STORED = 15 * SampleWal.MB;

    private static final SenderClient CLIENT = new SenderClient(
            1, "bench", "bench", Optional.empty(), Optional.empty(), -1, Instant.EPOCH, Optional.empty());

    /** Bytes of WAL in one message: of small commits that are followed, and of one that catches up. */
    @Param({"1024", "131072"})
    private int payload;

    private final ExecutorService flusher = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("bench-flusher").factory());
    private final EmbeddedChannel channel = new EmbeddedChannel(new Drain(), new BackendEncoder());
    private final SenderRegistry registry = new SenderRegistry();

    @SuppressWarnings("NullAway.Init") // by JMH
    private SampleWal wal;

    @SuppressWarnings("NullAway.Init") // by JMH
    private SampleStore sample;

    @SuppressWarnings("NullAway.Init") // by JMH
    private SenderWakeups wakeups;

    /** Up to where it may send, so that a message is as long as it is to be. */
    private long held;

    private @Nullable Running running;

    /** A sender, and its place among the others. */
    private record Running(WalSender sender, SenderEntry entry) {}

    /** A stream that does not end by itself. */
    private static final class NoEnd implements WalSender.End {
        @Override
        public void copyDone(Optional<SendPosition.Historic> next) {
            throw new IllegalStateException("the client has ended it");
        }

        @Override
        public void failed(PgException error) {
            throw error;
        }

        @Override
        public void fatal(PgException error) {
            throw error;
        }

        @Override
        public void closeSilently(String reason) {
            throw new IllegalStateException(reason);
        }

        @Override
        public void drained() {
            throw new IllegalStateException("drained");
        }
    }

    /** Writes the WAL to a segment file. */
    @Setup
    public void store() throws IOException {
        wal = SampleWal.load();
        sample = SampleStore.create(wal, flusher);
        WalWriter writer = sample.store().writer();
        writer.append(wal.bytes().retainedSlice(0, STORED));
        writer.writeOut();
        wakeups = new SenderWakeups(sample.store(), () -> WalSendAfter.WRITE);
        registry.limitBy((entry, available) -> Math.min(held, available));
    }

    /** Sends 1 MB in messages; from the beginning of the WAL where its end has been reached. */
    @Benchmark
    public long send() {
        Running now = running;
        if (now == null || held == wal.start().value() + STORED) {
            now = begin();
        }
        for (long end = held + SampleWal.MB; held < end; ) {
            held += payload;
            now.sender.send();
        }
        if (now.sender.sent().value() != held) {
            throw new IllegalStateException("sent up to " + now.sender.sent() + " only");
        }
        return held;
    }

    private Running begin() {
        end();
        held = wal.start().value();
        SenderEntry entry = registry.add(CLIENT);
        WalSender sender = new WalSender(
                channel,
                sample.store(),
                wakeups,
                SendPosition.of(sample.store(), () -> WalSendAfter.WRITE, Optional.empty(), wal.start()),
                wal.start(),
                Optional.empty(),
                entry,
                () -> Duration.ZERO,
                Clock.systemUTC(),
                new NoEnd());
        sender.begin();
        Running begun = new Running(sender, entry);
        running = begun;
        return begun;
    }

    private void end() {
        Running before = running;
        running = null;
        if (before != null) {
            before.sender.closed();
            registry.remove(before.entry);
        }
    }

    /** Removes what was written. */
    @TearDown
    public void remove() throws IOException {
        end();
        sample.close();
        flusher.shutdown();
        channel.finishAndReleaseAll();
    }
}
