package io.walrelay.bench.micro;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.CopyBothException;
import io.walrelay.replication.copyboth.WalSenderMessageCodec;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.BackendLimits;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A stream of WAL to what a receiver takes, as the relay does it: CopyData out of what a socket brings, and XLogData
 * out of that.
 */
@State(Scope.Thread)
public class CodecBenchmark {
    private static final int READ = 64 * 1024;
    private static final int HEADER = 5 + WalSenderMessageCodec.XLOG_DATA_HEADER;

    /** Bytes of WAL in one message: of a busy primary's small commits, and of one that catches up. */
    @Param({"1024", "131072"})
    private int payload;

    private final Received reader = new Received();

    @SuppressWarnings("NullAway.Init") // by JMH
    private EmbeddedChannel channel;

    @SuppressWarnings("NullAway.Init") // by JMH
    private ByteBuf stream;

    /** Up to where WAL was received. */
    private static final class Received implements WalSenderMessageCodec.Reader {
        private long end;

        @Override
        public void xLogData(long start, long walEnd, long time, ByteBuf in, int index, int length) {
            end = start + length;
        }

        @Override
        public void keepalive(long walEnd, long time, boolean replyRequested) {
            end = walEnd;
        }
    }

    /** Makes 1 MB of WAL in messages. */
    @Setup
    public void prepare() {
        BackendDecoder decoder = new BackendDecoder(BackendLimits.DEFAULT);
        decoder.giveCopyDataTo(this::take);
        channel = new EmbeddedChannel(decoder);
        channel.writeInbound(Unpooled.buffer().writeByte('R').writeInt(8).writeInt(0));
        channel.releaseInbound();
        int messages = SampleWal.MB / payload;
        stream = PooledByteBufAllocator.DEFAULT.directBuffer(messages * (HEADER + payload));
        for (int i = 0; i < messages; i++) {
            stream.writeByte('d').writeInt(4 + WalSenderMessageCodec.XLOG_DATA_HEADER + payload);
            Lsn start = new Lsn((long) i * payload);
            WalSenderMessageCodec.writeXLogDataHeader(stream, start, start.plus(payload), 0);
            stream.writeZero(payload);
        }
    }

    private void take(ByteBuf received, int index, int length) {
        try {
            WalSenderMessageCodec.read(received, index, length, reader);
        } catch (CopyBothException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads it in pieces as they come from a socket. */
    @Benchmark
    public long decode() {
        for (int offset = 0; offset < stream.readableBytes(); offset += READ) {
            channel.writeInbound(stream.retainedSlice(offset, Math.min(READ, stream.readableBytes() - offset)));
        }
        return reader.end;
    }

    /** Frees it. */
    @TearDown
    public void release() {
        channel.finishAndReleaseAll();
        stream.release();
    }
}
