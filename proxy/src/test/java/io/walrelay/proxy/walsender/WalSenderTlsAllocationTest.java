package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.TlsPair;
import io.walrelay.proxy.fixture.UnwatchedBuffers;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.codec.FrontendDecoder;
import io.walrelay.wire.codec.FrontendLimits;
import io.walrelay.wire.tls.TlsProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a walsender leaves to the garbage collector where its client is encrypted, beside what Netty's handler and
 * OpenSSL leave of the same bytes: each time that is measured with a plain handler that writes or drops buffers of the
 * same lengths. A message leaves nothing of ours.
 */
@ExtendWith(UnwatchedBuffers.class)
final class WalSenderTlsAllocationTest {
    private static final int WARM_UP = 2_000;
    private static final int MEASURED = 1_000;
    private static final int HEADER = 5 + WalSenderMessageCodec.XLOG_DATA_HEADER;

    private static final int STEP = 8;
    private static final Lsn END = START.plus((long) (WARM_UP + MEASURED) * STEP);

    /** What is copied behind its header is one buffer, what is longer two. */
    private static final int COPIED_UP_TO = 16 << 10;

    /**
     * The least that an object takes. What is made now and then only, as one of the clock each 10 ms, comes to less.
     */
    private static final long OBJECT = 16;

    /** What is published of a report that moves something, for who looks at the client. */
    private static final long CLIENT_SHOWN = 136;

    @TempDir
    private Path directory;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SenderRegistry registry = new SenderRegistry();
    private final SenderEntry entry = registry.add(SampleClients.named("standby"));

    /** Up to where the senders may send, as if they had to wait for others. */
    private long held = START.value();

    /** A socket that takes all it is given at once, and keeps nothing. */
    @Sharable
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ((ByteBuf) message).release();
            if (!promise.isVoid()) {
                promise.setSuccess();
            }
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {}
    }

    /** On a thread as a client's loop has: Netty uses its objects again on those of its own kind only. */
    private static long onLoop(Callable<Long> measured) throws Exception {
        FutureTask<Long> measurement = new FutureTask<>(measured);
        new DefaultThreadFactory("client").newThread(measurement).start();
        return measurement.get();
    }

    private WalStore store() throws IOException {
        return SampleCluster.opener(new LocalStorage(), directory, false)
                .create(SampleCluster.control(FIRST), TimelineHistory.first(), START);
    }

    private WalSender sender(WalStore store, SenderWakeups wakeups, EmbeddedChannel channel, SenderEntry entry) {
        WalSender sender = new WalSender(
                channel,
                store,
                wakeups,
                SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START),
                START,
                Optional.empty(),
                entry,
                () -> Duration.ZERO,
                Clock.fixed(Instant.parse("2024-05-01T10:00:00Z"), ZoneOffset.UTC),
                new NoEnd());
        sender.begin();
        return sender;
    }

    private static EmbeddedChannel encrypted(TlsPair pair) {
        pair.server().pipeline().addFirst(new Sink());
        pair.server().pipeline().addLast(new BackendEncoder());
        return pair.server();
    }

    /**
     * What is allocated for each message of that length that a sender sends, but for those that come to a segment of
     * which the sender before has sent nothing yet.
     */
    private long sent(int length, int count) throws Exception {
        registry.limitBy((entry, available) -> Math.min(held, available));
        byte[] message = new byte[length];
        try (WalStore store = store()) {
            SenderWakeups wakeups = new SenderWakeups(store, () -> WalSendAfter.WRITE);
            EmbeddedChannel[] channels = new EmbeddedChannel[count];
            WalSender[] senders = new WalSender[count];
            for (int i = 0; i < count; i++) {
                channels[i] = encrypted(TlsPair.connected());
                senders[i] = sender(store, wakeups, channels[i], registry.add(SampleClients.named("standby" + i)));
            }
            long allocated = 0;
            long measured = 0;
            for (int round = 0; measured < MEASURED; round++) {
                // The wake-up is not the message's: it comes first, and there is nothing to be sent.
                SampleCluster.receive(store, message);
                for (EmbeddedChannel channel : channels) {
                    channel.runPendingTasks();
                }
                long from = held;
                held += length;
                long before = threads.getCurrentThreadAllocatedBytes();
                for (WalSender sender : senders) {
                    sender.send();
                }
                long taken = threads.getCurrentThreadAllocatedBytes() - before;
                if (round >= WARM_UP && isWithinOpenSegment(from - length, held)) {
                    allocated += taken;
                    measured += count;
                }
            }
            for (int i = 0; i < count; i++) {
                assertThat(senders[i].sent().value()).isEqualTo(held);
                senders[i].closed();
                channels[i].finishAndReleaseAll();
            }
            return allocated / measured;
        }
    }

    private static boolean isWithinOpenSegment(long from, long to) {
        return WalBuilder.SEGMENT.segmentNumber(from - 1) == WalBuilder.SEGMENT.segmentNumber(to - 1);
    }

    /** What the same lengths leave that a plain handler writes. */
    private long written(int... lengths) throws Exception {
        EmbeddedChannel channel = encrypted(TlsPair.connected());
        TlsProvider.tuneForStreaming(channel.pipeline().get(SslHandler.class));
        long allocated = 0;
        for (int round = 0; round < WARM_UP + MEASURED; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int length : lengths) {
                ByteBuf buffer = channel.alloc().directBuffer(length, length);
                channel.write(buffer.writerIndex(length), channel.voidPromise());
            }
            channel.flush();
            allocated += round < WARM_UP ? 0 : threads.getCurrentThreadAllocatedBytes() - before;
        }
        channel.finishAndReleaseAll();
        return allocated / MEASURED;
    }

    /** What a client says next. */
    private interface Report {
        /** Writes the payload of CopyData that says so. */
        void write(ByteBuf out, int round);
    }

    /** Drops what comes. */
    private static final class Dropping extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((ByteBuf) message).release();
        }
    }

    /** What is allocated for each report of a client that has been sent everything. */
    private long reported(Report report) throws Exception {
        try (WalStore store = store()) {
            SampleCluster.receive(store, new byte[(WARM_UP + MEASURED) * STEP]);
            TlsPair pair = TlsPair.connected();
            SenderWakeups wakeups = new SenderWakeups(store, () -> WalSendAfter.WRITE);
            WalSender sender = sender(store, wakeups, encrypted(pair), entry);
            pair.server().pipeline().addLast(new FrontendDecoder(FrontendLimits.REPLICATION, sender::onCopyData));
            long allocated = received(pair, report);
            sender.closed();
            return allocated;
        }
    }

    /** What is allocated for each report that nobody reads. */
    private long dropped(Report report) throws Exception {
        TlsPair pair = TlsPair.connected();
        pair.server().pipeline().addLast(new Dropping());
        return received(pair, report);
    }

    private long received(TlsPair pair, Report report) {
        long allocated = 0;
        for (int round = 1; round <= WARM_UP + MEASURED; round++) {
            ByteBuf message = pair.client().alloc().directBuffer(64);
            message.writeByte('d').writeInt(0);
            report.write(message, round);
            pair.client().writeOutbound(message.setInt(1, message.readableBytes() - 1));
            ByteBuf read = pair.client().readOutbound();
            long before = threads.getCurrentThreadAllocatedBytes();
            pair.server().pipeline().fireChannelRead(read).fireChannelReadComplete();
            allocated += round <= WARM_UP ? 0 : threads.getCurrentThreadAllocatedBytes() - before;
        }
        pair.server().checkException();
        pair.close();
        return allocated / MEASURED;
    }

    private static void reached(ByteBuf out, long position) {
        StandbyMessageCodec.writeStatusUpdate(out, position, position, position, System.nanoTime(), false);
    }

    private Lsn applied() {
        return entry.status(SyncStanding.ASYNC).reported().apply();
    }

    @Test
    void aReportThatMovesNothingLeavesNothingBesideWhatDecryptsIt() throws Exception {
        // Given
        Report report = (out, round) -> reached(out, END.value());
        long encryption = onLoop(() -> dropped(report));

        // When
        long bytes = onLoop(() -> reported(report));

        // Then
        assertThat(applied()).isEqualTo(END);
        assertThat(encryption).isPositive();
        assertThat(bytes).isLessThan(encryption + OBJECT);
    }

    @Test
    void aReportThatMovesPositionsLeavesWhatIsPublishedOfIt() throws Exception {
        // Given
        Report report = (out, round) -> reached(out, START.value() + (long) round * STEP);
        long encryption = onLoop(() -> dropped(report));

        // When
        long bytes = onLoop(() -> reported(report));

        // Then
        assertThat(applied()).isEqualTo(END);
        assertThat(bytes).isLessThan(encryption + CLIENT_SHOWN + OBJECT);
    }

    @ParameterizedTest
    @CsvSource({
        "600, 1", // read, and copied behind its header
        "600, 3",
        "20000, 1", // read, and given out as it is
        "131072, 1", // the longest
        "131072, 3", // which one reads for all
    })
    void aMessageLeavesNothingBesideWhatEncryptsIt(int length, int senders) throws Exception {
        // Given
        long encryption = onLoop(() -> length <= COPIED_UP_TO ? written(HEADER + length) : written(HEADER, length));

        // When
        long bytes = onLoop(() -> sent(length, senders));

        // Then
        assertThat(encryption).isPositive();
        assertThat(bytes).isLessThan(encryption + OBJECT);
    }
}
