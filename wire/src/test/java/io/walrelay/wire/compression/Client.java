package io.walrelay.wire.compression;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.BackendLimits;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A client that decompresses, past authentication, and what its last handler has been given. */
final class Client extends ChannelInboundHandlerAdapter implements AutoCloseable {
    private static final byte[] AUTHENTICATED = {'R', 0, 0, 0, 8, 0, 0, 0, 0};

    final CopyDecompressor decompressor = new CopyDecompressor();
    final EmbeddedChannel channel;

    /** Payloads as {@link #shown}, other messages as themselves, failures as their words. */
    final List<Object> seen = new ArrayList<>();

    /** The most that was given at once: between two ends of a read. */
    int mostAtOnce;

    private int atOnce;

    Client() {
        channel = new EmbeddedChannel(new BackendDecoder(BackendLimits.DEFAULT), decompressor, this);
        receive(AUTHENTICATED);
        seen.clear();
    }

    Client receive(byte[] bytes) {
        return receive(bytes, 0, bytes.length);
    }

    Client receive(byte[] bytes, int from, int to) {
        ByteBuf input = channel.alloc().directBuffer(to - from).writeBytes(bytes, from, to - from);
        channel.writeInbound(input);
        return this;
    }

    /** Payloads are compared by what a failed test can still be read with. */
    static String shown(byte[] payload) {
        return payload.length > 1000
                ? payload.length + " bytes, hash " + Arrays.hashCode(payload)
                : ByteBufUtil.hexDump(payload);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof BackendMessage.CopyData copyData) {
            atOnce += copyData.data().readableBytes();
            mostAtOnce = Math.max(mostAtOnce, atOnce);
            seen.add(shown(ByteBufUtil.getBytes(copyData.data())));
            copyData.data().release();
        } else {
            seen.add(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        atOnce = 0;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        seen.add(cause instanceof PgException failure ? failure.sqlState() + " " + failure.message() : cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        seen.add("inactive");
    }

    /** Runs the event loop until nobody waits for a turn. */
    void letOthersHaveTheirTurns() {
        channel.unfreezeTime();
        while (channel.runScheduledPendingTasks() >= 0) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
