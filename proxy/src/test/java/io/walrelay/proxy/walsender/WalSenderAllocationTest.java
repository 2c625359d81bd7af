package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.Allocations;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.UnwatchedBuffers;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.compression.CopyCompressor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a walsender leaves to the garbage collector: nothing for a message, however long it is. */
@ExtendWith(UnwatchedBuffers.class)
final class WalSenderAllocationTest {
    private static final int ROUNDS = 6_000;
    private static final int WARM_UP = ROUNDS / 2;
    private static final int LONGEST = 128 << 10;
    private static final SenderClient CLIENT = SampleClients.named("standby1");

    @TempDir
    private Path directory;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Sink sink = new Sink();
    private final EmbeddedChannel channel = new EmbeddedChannel(sink, new BackendEncoder());

    /** Up to where the sender may send, as if it had to wait for others. */
    private long held;

    /** A socket that takes all it is given at once, and keeps nothing. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        private long bytes;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf buffer) {
                bytes += buffer.readableBytes();
            } else if (message instanceof FileRegion region) {
                bytes += region.count() - region.transferred();
            }
            ReferenceCountUtil.release(message);
        }
    }

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    private WalStore store() throws IOException {
        return SampleCluster.opener(new LocalStorage(), directory, false)
                .create(SampleCluster.control(FIRST), TimelineHistory.first(), START);
    }

    private WalSender sender(WalStore store, SenderWakeups wakeups) {
        SenderRegistry registry = new SenderRegistry();
        registry.limitBy((entry, available) -> Math.min(held, available));
        WalSender sender = new WalSender(
                channel,
                store,
                wakeups,
                SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START),
                START,
                Optional.empty(),
                registry.add(CLIENT),
                () -> Duration.ZERO,
                Clock.fixed(Instant.parse("2024-05-01T10:00:00Z"), ZoneOffset.UTC),
                new NoEnd());
        sender.begin();
        return sender;
    }

    /**
     * Streams what comes in messages of that length; tells the bytes that the sender allocates for each it sends, but
     * for the first of each segment: that is opened, and what is used for all of its messages is made.
     */
    private Allocations.Result perMessage(int length, int rounds) throws IOException {
        byte[] message = new byte[length];
        SplittableRandom content = new SplittableRandom(1);
        try (WalStore store = store()) {
            WalSender sender = sender(store, new SenderWakeups(store, () -> WalSendAfter.WRITE));
            Allocations allocated = new Allocations();
            for (int round = 0; round < rounds; round++) {
                content.nextBytes(message);
                // The wake-up is not the message's: it comes first, and there is nothing to be sent.
                held = sender.sent().value();
                SampleCluster.receive(store, message);
                channel.runPendingTasks();
                long from = held;
                held = Long.MAX_VALUE;
                long already = threads.getCurrentThreadAllocatedBytes();
                sender.send();
                channel.runPendingTasks();
                long taken = threads.getCurrentThreadAllocatedBytes() - already;
                if (round >= rounds / 2
                        && isWithinOpenSegment(from - length, sender.sent().value())) {
                    allocated.add(taken);
                }
            }
            assertThat(sender.sent()).isEqualTo(START.plus((long) rounds * length));
            assertThat(sink.bytes).isGreaterThan((long) rounds * length);
            sender.closed();
            Allocations.Result result = allocated.result();
            assertThat(result.messages()).isGreaterThan(rounds / 4);
            return result;
        }
    }

    private static boolean isWithinOpenSegment(long from, long to) {
        return WalBuilder.SEGMENT.segmentNumber(from - 1) == WalBuilder.SEGMENT.segmentNumber(to - 1);
    }

    @Test
    void aMessageOfLiveStreamingLeavesNothing() throws Exception {
        // When it is read, and copied behind its header
        long bytes = perMessage(600, ROUNDS).average();

        // Then
        assertThat(bytes).isZero();
    }

    @Test
    void aRegionOfAFileLeavesNothing() throws Exception {
        // When the kernel is to send it from the page cache
        long bytes = perMessage(24 << 10, ROUNDS).average();

        // Then
        assertThat(bytes).isZero();
    }

    private void compressed() {
        channel.pipeline().addLast(new CopyCompressor(new CompressionOption(OptionalInt.of(1))));
    }

    @Test
    void aMessageOfLiveStreamingThatIsCompressedLeavesNothing() throws Exception {
        // Given
        compressed();

        // When
        long bytes = perMessage(600, ROUNDS).average();

        // Then
        assertThat(bytes).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {12_000, 24 << 10, LONGEST})
    void aMessageOfCatchupThatIsCompressedLeavesNothing(int length) throws Exception {
        // Given
        compressed();

        // When it is gathered, or compressed from where it was read to, and comes to several messages
        Allocations.Result bytes = perMessage(length, ROUNDS / 4);

        // Then there is only the timer by which the loop comes to its other channels: some 120 bytes in 512 kB
        assertThat(bytes.least()).isZero();
        assertThat(bytes.average()).isLessThan(64);
    }

    @Test
    void aWakeUpLeavesNothing() throws Exception {
        try (WalStore store = store()) {
            // Given two senders on a loop that have nothing to send
            SenderWakeups wakeups = new SenderWakeups(store, () -> WalSendAfter.WRITE);
            List<WalSender> senders = List.of(sender(store, wakeups), sender(store, wakeups));
            held = START.value();
            SampleCluster.receive(store, new byte[600]);
            channel.runPendingTasks();
            long allocated = 0;

            // When
            for (int round = 0; round < ROUNDS; round++) {
                long already = threads.getCurrentThreadAllocatedBytes();
                wakeups.wake();
                channel.runPendingTasks();
                allocated += round < WARM_UP ? 0 : threads.getCurrentThreadAllocatedBytes() - already;
            }

            // Then
            assertThat(allocated / WARM_UP).isZero();
            assertThat(senders).allMatch(sender -> sender.sent().equals(START));
            senders.forEach(WalSender::closed);
        }
    }
}
