package io.walrelay.proxy.walreceiver;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.UnwatchedBuffers;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.BackendLimits;
import io.walrelay.wire.codec.FrontendEncoder;
import io.walrelay.wire.codec.ReceiveBuffer;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the upstream loop leaves to the garbage collector: decoder, checker, writer, publication and status update.
 * A message takes none; a read of the socket takes the times that are told of it, however many messages it brings.
 */
@ExtendWith(UnwatchedBuffers.class)
final class StreamReceiverAllocationTest {
    @TempDir
    private Path directory;

    /** Used again, for what is allocated while it is watched must not be the test's. */
    private final Object[] one = new Object[1];

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
        EmbeddedChannel channel = new EmbeddedChannel();
        BackendDecoder decoder = new BackendDecoder(BackendLimits.DEFAULT, ReceiveBuffer.install(channel));
        channel.pipeline().addLast(decoder, new FrontendEncoder());
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

    /** Reads as the connection's transport does: into a buffer that it asks for, and then gives to the first handler. */
    private void read(EmbeddedChannel channel, ExtendedHandle reads, ByteBuffer socket) {
        int arrived = socket.limit();
        while (socket.position() < arrived) {
            ByteBuf into = reads.allocate(channel.alloc());
            into.writeBytes(socket.limit(Math.min(arrived, socket.position() + into.writableBytes())));
            one[0] = into;
            channel.writeInbound(one);
        }
    }

    private static int message(ByteBuf read, byte[] wal, int at, int length) {
        Lsn start = SampleCluster.START.plus(at);
        read.writeByte('d').writeInt(4 + WalSenderMessageCodec.XLOG_DATA_HEADER + length);
        WalSenderMessageCodec.writeXLogDataHeader(read, start, start.plus(length), 1);
        read.writeBytes(wal, at, length);
        return at + length;
    }

    /**
     * Receives all of {@code wal}, {@code arriving} bytes at a time; tells the bytes allocated for each segment of its last two
     * thirds.
     */
    private long perSegment(EmbeddedChannel channel, byte[] wal, int length, int arriving) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ExtendedHandle reads =
                (ExtendedHandle) channel.config().getRecvByteBufAllocator().newHandle();
        ByteBuf sent = Unpooled.directBuffer();
        ByteBuffer socket = ByteBuffer.allocateDirect(arriving);
        long allocated = 0;
        int from = 0;
        int at = 0;
        while (at + length <= wal.length) {
            at = message(sent.discardReadBytes(), wal, at, length);
            while (sent.readableBytes() >= arriving) {
                sent.readBytes(socket.clear());
                long before = threads.getCurrentThreadAllocatedBytes();
                read(channel, reads, socket.flip());
                allocated += threads.getCurrentThreadAllocatedBytes() - before;
                channel.releaseOutbound();
            }
            if (from == 0 && at > wal.length / 3) {
                from = at;
                allocated = 0;
            }
        }
        read(channel, reads, sent.nioBuffer());
        channel.releaseOutbound();
        return allocated * WalBuilder.SEGMENT.bytes() / (at - from);
    }

    /** On a thread as the upstream loop has: Netty uses its objects again on those of its own kind only. */
    private long perSegment(int length, int arriving) throws Exception {
        FutureTask<Long> measurement = new FutureTask<>(() -> measure(length, arriving));
        new DefaultThreadFactory("upstream").newThread(measurement).start();
        return measurement.get();
    }

    private long measure(int length, int arriving) throws Exception {
        byte[] wal = wal(48 << 20);
        try (WalStore store = SampleCluster.opener(new LocalStorage(), directory, true)
                .create(SampleCluster.control(SampleCluster.FIRST), TimelineHistory.first(), SampleCluster.START)) {
            EmbeddedChannel channel = receiving(store);
            long bytes = perSegment(channel, wal, length, arriving);
            assertThat(store.end().written()).isEqualTo(SampleCluster.START.plus((long) wal.length / length * length));
            channel.finishAndReleaseAll();
            return bytes;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "600, 65536", // a hundred with each read
        "600, 630", // one with each read
        "20000, 65536", // what is written where it lies
        "131072, 20000", // the longest, in seven reads
    })
    void whatASegmentLeavesDoesNotDependOnTheMessagesThatItCameIn(int length, int arriving) throws Exception {
        // When
        long bytes = perSegment(length, arriving);

        // Then it is what files and names take
        System.err.println("XX " + length + " " + arriving + " " + bytes);
        assertThat(bytes).isLessThan(26_000);
    }
}
