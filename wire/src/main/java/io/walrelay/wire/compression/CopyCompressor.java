package io.walrelay.wire.compression;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.walrelay.wire.message.BackendMessage;
import java.util.concurrent.TimeUnit;

/**
 * Server side of a compressed COPY BOTH. What the session writes between CopyBothResponse and the message that ends the
 * COPY (CopyDone, CommandComplete or ErrorResponse) goes as one stream of zstd, whose content is the CopyData messages
 * as they would have gone without, and which is carried by CopyData messages. It is flushed when the channel is
 * flushed, and ended before the message that ends the COPY; from there on, and up to the next COPY BOTH, everything
 * goes plain.
 *
 * <p>Stands between the session and the {@link io.walrelay.wire.codec.BackendEncoder}. During the COPY it takes
 * BackendMessages, and buffers that hold CopyData messages already, one after the other; no file regions.
 *
 * <p>One turn takes no more than {@value #TURN} bytes: then the channel is not writable until the event loop has looked
 * after its other channels, for what compresses well would never fill the socket.
 */
public final class CopyCompressor extends ChannelDuplexHandler {
    /** What may be compressed before the event loop's other channels have their turn, in bytes: 1 to 10 ms of work. */
    static final int TURN = 512 << 10;

    /** Which of the channel's bits of writability this handler uses. */
    private static final int WRITABILITY = 1;

    private static final int COPY_DATA_HEADER = 5;
    private static final int LENGTH_WORD = 4;

    private final CompressionOption option;
    private final CompressionStatistics statistics = new CompressionStatistics();
    private State state = new State.Plain();

    private sealed interface State {
        /** Between two COPYs. */
        record Plain() implements State {}

        /** Within one. */
        record Compressing(ZstdOutput output, CompressionLevel level, Turn turn) implements State {}
    }

    /** What has been taken since the channel's last turn began. */
    private static final class Turn {
        private int taken;
        private boolean flushed = true;
    }

    /** A handler that compresses as the client has asked for. */
    public CopyCompressor(CompressionOption option) {
        this.option = option;
    }

    /** What it has done so far; any thread. */
    public CompressionStatistics.Figures figures() {
        return statistics.figures();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (state) {
            case State.Plain plain -> {
                ctx.write(message, promise);
                if (message instanceof BackendMessage.CopyBothResponse) {
                    begin(ctx);
                }
            }
            case State.Compressing compressing -> write(ctx, compressing, message, promise);
        }
    }

    private void begin(ChannelHandlerContext ctx) {
        CompressionLevel level = new CompressionLevel(option.level(), System.nanoTime(), statistics.nanos());
        ZstdOutput output =
                new ZstdOutput(ctx.alloc(), statistics, compressed -> ctx.write(compressed, ctx.voidPromise()));
        output.level(level.current());
        state = new State.Compressing(output, level, new Turn());
    }

    private void write(
            ChannelHandlerContext ctx, State.Compressing compressing, Object message, ChannelPromise promise) {
        switch (message) {
            case ByteBuf copyData -> {
                compress(ctx, compressing, copyData);
                promise.trySuccess();
            }
            case BackendMessage.CopyData copyData -> {
                ByteBuf header = ctx.alloc().directBuffer(COPY_DATA_HEADER);
                header.writeByte('d').writeInt(LENGTH_WORD + copyData.data().readableBytes());
                compress(ctx, compressing, header);
                compress(ctx, compressing, copyData.data());
                promise.trySuccess();
            }
            // These may come at any time, and end nothing.
            case BackendMessage.ParameterStatus parameterStatus -> ctx.write(message, promise);
            case BackendMessage.NoticeResponse notice -> ctx.write(message, promise);
            case BackendMessage end -> {
                compressing.output.end();
                leave();
                ctx.write(message, promise);
            }
            default -> throw new IllegalArgumentException("cannot compress " + message.getClass());
        }
    }

    private static void compress(ChannelHandlerContext ctx, State.Compressing compressing, ByteBuf bytes) {
        Turn turn = compressing.turn;
        turn.taken += bytes.readableBytes();
        turn.flushed = false;
        compressing.output.write(bytes);
        if (turn.taken >= TURN) {
            endTurn(ctx, compressing);
        }
    }

    private static void endTurn(ChannelHandlerContext ctx, State.Compressing compressing) {
        ChannelOutboundBuffer queue = ctx.channel().unsafe().outboundBuffer();
        if (queue == null || !queue.getUserDefinedWritability(WRITABILITY)) {
            return;
        }
        queue.setUserDefinedWritability(WRITABILITY, false);
        // A timer, even one that has expired, waits until the loop has looked at its sockets; a task does not.
        ctx.executor()
                .schedule(
                        () -> {
                            compressing.turn.taken = 0;
                            lookAtLink(ctx, compressing.level);
                            queue.setUserDefinedWritability(WRITABILITY, true);
                        },
                        1,
                        TimeUnit.NANOSECONDS);
    }

    private static void lookAtLink(ChannelHandlerContext ctx, CompressionLevel level) {
        ChannelOutboundBuffer queue = ctx.channel().unsafe().outboundBuffer();
        if (queue != null
                && queue.totalPendingWriteBytes() >= ctx.channel().config().getWriteBufferLowWaterMark()) {
            level.linkIsFull(System.nanoTime());
        } else {
            level.linkTakesMore(System.nanoTime());
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (state instanceof State.Compressing compressing && !compressing.turn.flushed) {
            compressing.turn.flushed = true;
            flush(compressing);
        }
        ctx.flush();
    }

    /** The level changes between two frames of zstd, which costs what the first had learnt. */
    private void flush(State.Compressing compressing) {
        int before = compressing.level.current();
        int level = compressing.level.next(System.nanoTime(), statistics.nanos());
        if (level == before) {
            compressing.output.flush();
        } else {
            compressing.output.end();
            compressing.output.level(level);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (state instanceof State.Compressing compressing) {
            lookAtLink(ctx, compressing.level);
        }
        ctx.fireChannelWritabilityChanged();
    }

    private void leave() {
        if (state instanceof State.Compressing compressing) {
            state = new State.Plain();
            compressing.output.close();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        leave();
    }
}
