package io.walrelay.proxy.walreceiver;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.TlsPair;
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
import java.nio.file.Path;
import java.time.Clock;
import java.util.BitSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the upstream loop leaves to the garbage collector where the upstream is encrypted, beside what Netty's handler
 * and OpenSSL leave of the same records: that is measured with a plain handler that drops what comes and answers where
 * the receiver did. Not for one message with each read: what a read leaves is Netty's there, 750 kB for a segment, and
 * differs by what Java has compiled; {@link StreamReceiverAllocationTest} holds what is ours of it.
 */
@ExtendWith(UnwatchedBuffers.class)
final class StreamReceiverTlsAllocationTest {
    private static final int LENGTH_OF_WAL = 32 << 20;

    /** CopyData with a status update. */
    private static final int ANSWER = 5 + 34;

    /** What the files and names of a segment take: {@link StreamReceiverAllocationTest} holds that. */
    private static final long SEGMENT = 26_000;

    /** Where a message comes in several records, they are chained, so that nothing is copied: a link for each. */
    private static final long LINK = 160;

    /** The longest record of TLS, in bytes. */
    private static final int RECORD = 16 << 10;

    @TempDir
    private Path directory;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final byte[] wal = wal();

    /** The reads after which the receiver sent a status update. */
    private final BitSet answered = new BitSet();

    private static byte[] wal() {
        WalBuilder wal = SampleCluster.wal();
        while (wal.bytes().length < LENGTH_OF_WAL) {
            for (int i = 0; i < 500; i++) {
                wal.record(40 + (13 * i) % 2000);
            }
        }
        return wal.bytes();
    }

    /** A socket that takes all it is given at once, and keeps nothing. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        private long messages;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            messages++;
            ((ByteBuf) message).release();
            if (!promise.isVoid()) {
                promise.setSuccess();
            }
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {}
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

    /** Drops what comes, and answers as often as the receiver has. */
    private final class Dropping extends ChannelInboundHandlerAdapter {
        private int reads;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((ByteBuf) message).release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (answered.get(reads++)) {
                ctx.writeAndFlush(ctx.alloc().directBuffer(ANSWER).writeZero(ANSWER), ctx.voidPromise());
            }
        }
    }

    /** On a thread as the upstream loop has: Netty uses its objects again on those of its own kind only. */
    private static long onLoop(Callable<Long> measured) throws Exception {
        FutureTask<Long> measurement = new FutureTask<>(measured);
        new DefaultThreadFactory("upstream").newThread(measurement).start();
        return measurement.get();
    }

    private long received(int length, int arriving) throws Exception {
        try (WalStore store = SampleCluster.opener(new LocalStorage(), directory, true)
                .create(SampleCluster.control(SampleCluster.FIRST), TimelineHistory.first(), SampleCluster.START)) {
            Configuration configuration = SampleCluster.configuration();
            TlsPair pair = TlsPair.connected();
            EmbeddedChannel channel = pair.client();
            BackendDecoder decoder = new BackendDecoder(BackendLimits.DEFAULT, ReceiveBuffer.install(channel));
            channel.pipeline().addLast(decoder, new FrontendEncoder());
            // AuthenticationOk: from now on there may be CopyData.
            pair.server()
                    .writeOutbound(pair.server()
                            .alloc()
                            .buffer()
                            .writeByte('R')
                            .writeInt(8)
                            .writeInt(0));
            pair.exchange();
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
            pair.exchange();
            long allocated = perSegment(pair, length, arriving);
            assertThat(store.end().written().minus(SampleCluster.START)).isGreaterThan(LENGTH_OF_WAL - 300_000);
            return allocated;
        }
    }

    private long dropped(int length, int arriving) throws Exception {
        TlsPair pair = TlsPair.connected();
        ReceiveBuffer.install(pair.client());
        pair.client().pipeline().addLast(new Dropping());
        return perSegment(pair, length, arriving);
    }

    private static void message(ByteBuf out, byte[] wal, int at, int length) {
        Lsn start = SampleCluster.START.plus(at);
        out.writeByte('d').writeInt(4 + WalSenderMessageCodec.XLOG_DATA_HEADER + length);
        WalSenderMessageCodec.writeXLogDataHeader(out, start, start.plus(length), 1);
        out.writeBytes(wal, at, length);
    }

    /**
     * Sends all of the WAL, of which {@code arriving} bytes are read at a time; what a segment of its second half
     * leaves.
     */
    private long perSegment(TlsPair pair, int length, int arriving) {
        EmbeddedChannel channel = pair.client();
        Sink sink = new Sink();
        channel.pipeline().addFirst(sink);
        ExtendedHandle reads =
                (ExtendedHandle) channel.config().getRecvByteBufAllocator().newHandle();
        ByteBuf sent = Unpooled.directBuffer();
        long allocated = 0;
        int from = 0;
        int read = 0;
        for (int at = 0; at + length <= wal.length; at += length) {
            ByteBuf next = pair.server().alloc().directBuffer();
            message(next, wal, at, length);
            pair.server().writeOutbound(next);
            encrypted(pair.server(), sent);
            for (; sent.readableBytes() >= arriving; read++) {
                long answers = sink.messages;
                long before = threads.getCurrentThreadAllocatedBytes();
                ByteBuf into = reads.allocate(channel.alloc());
                into.writeBytes(sent, arriving);
                channel.pipeline().fireChannelRead(into).fireChannelReadComplete();
                allocated += threads.getCurrentThreadAllocatedBytes() - before;
                if (sink.messages > answers) {
                    answered.set(read);
                }
            }
            sent.discardReadBytes();
            if (from == 0 && at > wal.length / 2) {
                from = at + length;
                allocated = 0;
            }
        }
        channel.checkException();
        sent.release();
        pair.close();
        return allocated * WalBuilder.SEGMENT.bytes() / (wal.length - from);
    }

    private static void encrypted(EmbeddedChannel sender, ByteBuf out) {
        for (ByteBuf next = sender.readOutbound(); next != null; next = sender.readOutbound()) {
            out.writeBytes(next);
            next.release();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "600, 65536", // a hundred with each read
        "20000, 65536", // in two records each
        "131072, 65536", // the longest, in nine
        "131072, 20000",
    })
    void whatASegmentLeavesBesideWhatDecryptsItDoesNotDependOnItsMessages(int length, int arriving) throws Exception {
        // When
        long bytes = onLoop(() -> received(length, arriving));

        // Then
        assertThat(answered.cardinality()).isPositive();
        long encryption = onLoop(() -> dropped(length, arriving));
        long links = length > RECORD ? LINK * (WalBuilder.SEGMENT.bytes() / RECORD) : 0;
        assertThat(bytes - encryption).isLessThan(SEGMENT + links);
    }
}
