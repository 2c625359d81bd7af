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
import io.walrelay.proxy.fixture.Allocations;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.UnwatchedBuffers;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.codec.BackendLimits;
import io.walrelay.wire.codec.CopyDataSource;
import io.walrelay.wire.codec.FrontendEncoder;
import io.walrelay.wire.codec.ReceiveBuffer;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.compression.CopyCompressor;
import io.walrelay.wire.compression.CopyDecompressor;
import io.walrelay.wire.message.BackendMessage;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.OptionalInt;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the upstream loop leaves to the garbage collector: decompression, decoder, checker, writer, publication and
 * status update. Neither a message nor a read of the socket takes any, however many messages it brings.
 */
@ExtendWith(UnwatchedBuffers.class)
final class StreamReceiverAllocationTest {
    @TempDir
    private Path directory;

    /** What comes from the upstream. */
    enum Link {
        PLAIN,
        COMPRESSED
    }

    /** How what comes is measured. */
    private interface Measurement {
        long bytes(Connection connection, byte[] wal);
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

    /** Both of its ends, and what is on its way between them. */
    private static final class Connection implements AutoCloseable {
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        /** Used again, for what is allocated while it is watched must not be the test's. */
        private final Object[] one = new Object[1];

        private final EmbeddedChannel upstream = new EmbeddedChannel(new BackendEncoder());
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final ByteBuf sent = Unpooled.directBuffer();
        private final ExtendedHandle reads;

        Connection(WalStore store, Link link) {
            Configuration configuration = SampleCluster.configuration();
            BackendDecoder decoder = new BackendDecoder(BackendLimits.DEFAULT, ReceiveBuffer.install(channel));
            reads = (ExtendedHandle) channel.config().getRecvByteBufAllocator().newHandle();
            channel.pipeline().addLast(decoder, new FrontendEncoder());
            CopyDataSource source = decoder;
            if (link == Link.COMPRESSED) {
                CopyDecompressor decompressor = new CopyDecompressor();
                channel.pipeline().addLast(decompressor);
                upstream.pipeline().addLast(new CopyCompressor(new CompressionOption(OptionalInt.of(1))));
                source = decompressor;
            }
            StreamReceiver receiver = new StreamReceiver(
                    channel,
                    store,
                    store.end().written(),
                    StandbySource.OWN,
                    () -> configuration,
                    Clock.systemUTC(),
                    new NoEnd());
            channel.pipeline().addLast(new Taker(receiver));
            // From now on there may be CopyData.
            send(new BackendMessage.AuthenticationOk());
            send(new BackendMessage.CopyBothResponse());
            receive(sent.readableBytes());
            channel.releaseInbound();
            source.giveCopyDataTo(receiver::data);
            receiver.begin();
        }

        private void send(Object message) {
            upstream.writeOutbound(message);
            sent.discardReadBytes();
            for (ByteBuf part = upstream.readOutbound(); part != null; part = upstream.readOutbound()) {
                sent.writeBytes(part);
                part.release();
            }
        }

        /** Sends a message of WAL, and tells where the next one begins. */
        int send(byte[] wal, int at, int length) {
            ByteBuf message = upstream.alloc().directBuffer();
            Lsn start = SampleCluster.START.plus(at);
            message.writeByte('d').writeInt(4 + WalSenderMessageCodec.XLOG_DATA_HEADER + length);
            WalSenderMessageCodec.writeXLogDataHeader(message, start, start.plus(length), 1);
            send(message.writeBytes(wal, at, length));
            return at + length;
        }

        /** Receives so many of the bytes that were sent, and tells how many were allocated for that. */
        long receive(int arriving) {
            ByteBuffer socket = ByteBuffer.allocateDirect(arriving);
            sent.readBytes(socket);
            long before = threads.getCurrentThreadAllocatedBytes();
            read(socket.flip());
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            channel.releaseOutbound();
            return allocated;
        }

        /**
         * Reads as the connection's transport does: into a buffer that it asks for, and then gives to the first
         * handler.
         */
        private void read(ByteBuffer socket) {
            int arrived = socket.limit();
            while (socket.position() < arrived) {
                ByteBuf into = reads.allocate(channel.alloc());
                into.writeBytes(socket.limit(Math.min(arrived, socket.position() + into.writableBytes())));
                one[0] = into;
                channel.writeInbound(one);
            }
        }

        @Override
        public void close() {
            upstream.finishAndReleaseAll();
            channel.finishAndReleaseAll();
        }
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

    /**
     * Receives all of {@code wal}, {@code arriving} bytes at a time; tells the bytes allocated for each segment of its
     * last two thirds.
     */
    private static long perSegment(Connection connection, byte[] wal, int length, int arriving) {
        long allocated = 0;
        int from = 0;
        int at = 0;
        while (at + length <= wal.length) {
            at = connection.send(wal, at, length);
            while (connection.sent.readableBytes() >= arriving) {
                allocated += connection.receive(arriving);
            }
            if (from == 0 && at > wal.length / 3) {
                from = at;
                allocated = 0;
            }
        }
        connection.receive(connection.sent.readableBytes());
        return allocated * WalBuilder.SEGMENT.bytes() / (at - from);
    }

    /**
     * Receives all of {@code wal}, a message at a time; tells the bytes allocated for one of its second half, but for
     * those that begin or end a segment.
     */
    private static long perMessage(Connection connection, byte[] wal, int length) {
        Allocations allocated = new Allocations();
        int at = 0;
        while (at + length <= wal.length) {
            int next = connection.send(wal, at, length);
            long taken = connection.receive(connection.sent.readableBytes());
            if (at > wal.length / 2 && isWithinSegment(at, next)) {
                allocated.add(taken);
            }
            at = next;
        }
        Allocations.Result result = allocated.result();
        assertThat(result.messages()).isGreaterThan(wal.length / length / 3);
        return result.least();
    }

    private static boolean isWithinSegment(int from, int to) {
        return from % SampleCluster.SEGMENT != 0 && from / SampleCluster.SEGMENT == to / SampleCluster.SEGMENT;
    }

    /** On a thread as the upstream loop has: Netty uses its objects again on those of its own kind only. */
    private long measure(Link link, int length, Measurement measurement) throws Exception {
        FutureTask<Long> measured = new FutureTask<>(() -> {
            byte[] wal = wal(48 << 20);
            try (WalStore store = SampleCluster.opener(new LocalStorage(), directory, true)
                            .create(
                                    SampleCluster.control(SampleCluster.FIRST),
                                    TimelineHistory.first(),
                                    SampleCluster.START);
                    Connection connection = new Connection(store, link)) {
                long bytes = measurement.bytes(connection, wal);
                assertThat(store.end().written())
                        .isEqualTo(SampleCluster.START.plus((long) wal.length / length * length));
                return bytes;
            }
        });
        new DefaultThreadFactory("upstream").newThread(measured).start();
        return measured.get();
    }

    @ParameterizedTest
    @CsvSource({
        "PLAIN, 600, 65536", // a hundred with each read
        "PLAIN, 600, 630", // one with each read
        "PLAIN, 20000, 65536", // what is written where it lies
        "PLAIN, 131072, 20000", // the longest, in seven reads
        "COMPRESSED, 600, 100", // a few with each read
        "COMPRESSED, 131072, 65536", // more than is given out at once: what waits for its turn is kept
    })
    void whatASegmentLeavesDoesNotDependOnTheMessagesThatItCameIn(Link link, int length, int arriving)
            throws Exception {
        // When
        long bytes = measure(link, length, (connection, wal) -> perSegment(connection, wal, length, arriving));

        // Then it is what files and names take
        assertThat(bytes).isLessThan(26_000);
    }

    @ParameterizedTest
    @CsvSource({"PLAIN, 600", "PLAIN, 131072", "COMPRESSED, 600", "COMPRESSED, 131072"})
    void aMessageLeavesNothing(Link link, int length) throws Exception {
        // When
        long bytes = measure(link, length, (connection, wal) -> perMessage(connection, wal, length));

        // Then
        assertThat(bytes).isZero();
    }
}
