package io.walrelay.proxy.walreceiver;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.BackendLimits;
import io.walrelay.wire.codec.FrontendEncoder;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the upstream loop leaves to the garbage collector: decoder, checker, writer, publication and status update.
 * A message takes none; a read of the socket takes the times that are told of it, however many messages it brings.
 */
final class StreamReceiverAllocationTest {
    private static final int READ = 64 << 10;

    @TempDir
    private Path directory;

    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();

    @BeforeEach
    void watchNoLeaks() {
        // To watch a buffer takes more memory than the buffer's object.
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void watchLeaksAgain() {
        ResourceLeakDetector.setLevel(level);
    }

    /** Tells the receiver where a read ends, as the connection does. */
    private static final class Taker extends ChannelInboundHandlerAdapter {
        private final StreamReceiver receiver;

        Taker(StreamReceiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            receiver.readComplete();
        }
    }

    private EmbeddedChannel receiving(WalStore store) {
        Configuration configuration = SampleCluster.configuration();
        BackendDecoder decoder = new BackendDecoder(BackendLimits.DEFAULT);
        EmbeddedChannel channel = new EmbeddedChannel(decoder, new FrontendEncoder());
        // AuthenticationOk: from now on there may be CopyData.
        channel.writeInbound(channel.alloc().buffer().writeByte('R').writeInt(8).writeInt(0));
        channel.releaseInbound();
        StreamReceiver receiver = new StreamReceiver(
                channel,
                store,
                store.end().written(),
                StandbySource.OWN,
                () -> configuration,
                Clock.systemUTC(),
                new NoEnd());
        channel.pipeline().addLast(new Taker(receiver));
        decoder.giveCopyDataTo(receiver::data);
        receiver.begin();
        return channel;
    }

    private static byte[] wal(int length) {
        WalBuilder wal = SampleCluster.wal();
        while (wal.bytes().length < length) {
            for (int i = 0; i < 500; i++) {
                wal.record(40 + (13 * i) % 2000);
            }
        }
        return wal.bytes();
    }

    private static int message(ByteBuf read, byte[] wal, int at, int length) {
        Lsn start = SampleCluster.START.plus(at);
        read.writeByte('d').writeInt(4 + WalSenderMessageCodec.XLOG_DATA_HEADER + length);
        WalSenderMessageCodec.writeXLogDataHeader(read, start, start.plus(length), 1);
        read.writeBytes(wal, at, length);
        return at + length;
    }

    /** Receives all of {@code wal}; tells the bytes allocated for each message of its last two thirds. */
    private static long perMessage(EmbeddedChannel channel, byte[] wal, int length, int most) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        long messages = 0;
        int at = 0;
        while (at + length <= wal.length) {
            ByteBuf read = PooledByteBufAllocator.DEFAULT.directBuffer(most + 2 * length);
            int count = 0;
            while (at + length <= wal.length && read.readableBytes() < most) {
                at = message(read, wal, at, length);
                count++;
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            channel.writeInbound(read);
            channel.releaseOutbound();
            if (at > wal.length / 3) {
                allocated += threads.getCurrentThreadAllocatedBytes() - before;
                messages += count;
            }
        }
        return allocated / messages;
    }

    /** On a thread as the upstream loop has: Netty uses its objects again on those of its own kind only. */
    private long perMessage(int length, int read) throws Exception {
        FutureTask<Long> measurement = new FutureTask<>(() -> measure(length, read));
        new DefaultThreadFactory("upstream").newThread(measurement).start();
        return measurement.get();
    }

    private long measure(int length, int read) throws Exception {
        byte[] wal = wal(48 << 20);
        try (WalStore store = SampleCluster.opener(new LocalStorage(), directory, true)
                .create(SampleCluster.control(SampleCluster.FIRST), TimelineHistory.first(), SampleCluster.START)) {
            EmbeddedChannel channel = receiving(store);
            long bytes = perMessage(channel, wal, length, read);
            assertThat(store.end().written()).isEqualTo(SampleCluster.START.plus((long) wal.length / length * length));
            channel.finishAndReleaseAll();
            return bytes;
        }
    }

    @Test
    void aSmallMessageTakesNothingButItsPartOfASegment() throws Exception {
        // When a hundred come with each read
        long bytes = perMessage(600, READ);

        // Then
        assertThat(bytes).isLessThan(20);
    }

    @Test
    void aReadThatBringsOneSmallMessageTakesNothingElseEither() throws Exception {
        // When
        long bytes = perMessage(600, 1);

        // Then an array of this test, and the message's part of a segment of 1 MB
        assertThat(bytes).isLessThan(50);
    }

    @Test
    void aLargeMessageTakesNoMoreForItsLength() throws Exception {
        // When
        long bytes = perMessage(128 << 10, READ);

        // Then what one read, and an eighth of a segment of 1 MB, take
        assertThat(bytes).isLessThan(4_000);
    }
}
