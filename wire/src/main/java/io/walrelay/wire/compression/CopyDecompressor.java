package io.walrelay.wire.compression;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.walrelay.wire.codec.BackendDecoder;
import io.walrelay.wire.codec.CopyDataSource;
import io.walrelay.wire.codec.CopyDataTaker;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Client side of a compressed COPY BOTH: gives the handlers behind it the CopyData messages as if they had come without
 * compression. Stands behind the {@link BackendDecoder} of a connection whose server has confirmed the
 * {@link CompressionOption}; what {@link CopyCompressor} says of the stream holds here. Takes the stream from where the
 * decoder has it, and {@linkplain #giveCopyDataTo gives out} what is in it from where it was decompressed to: a message
 * need not be an object on either side.
 *
 * <p><b>Bounds.</b> A little input can be made to become any amount of output. No more than {@value #STEP} bytes are
 * given out at once; then they are announced as read to their end, so that they can be written and released, and the
 * channel is not read until the event loop has come back to the rest. A message, and the memory that zstd takes for
 * what it may refer back to, are limited as well.
 *
 * <p><b>Failing.</b> What is no stream of zstd, no CopyData within, or ends in the middle is FATAL 08P01, given to
 * {@code exceptionCaught} after all messages before it; nothing is read after it.
 */
public final class CopyDecompressor extends ChannelInboundHandlerAdapter implements CopyDataSource {
    /** What is given out before the rest waits for the loop's next turn, in bytes; some more than that may be. */
    static final int STEP = 1 << 20;

    private static final int COPY_DATA_HEADER = 5;

    private final CompressionStatistics statistics = new CompressionStatistics();

    /** What has arrived and is not dealt with: BackendMessages, a Throwable, or the {@link End} of the connection. */
    private final Deque<Object> arrived = new ArrayDeque<>();

    private State state = new State.Plain();
    private Turn turn = Turn.OURS;
    private @Nullable CopyDataTaker taker;

    /** How much has been given out in this turn, in bytes. */
    private int given;

    private enum End {
        INACTIVE
    }

    /** Whose turn it is on the event loop while there is more to give out. */
    private enum Turn {
        OURS,
        OTHERS
    }

    private sealed interface State {
        /** Between two COPYs. */
        record Plain() implements State {}

        /** Within one. */
        record Decompressing(ZstdInput input, MessageBuffer messages, CopyDataTaker out) implements State {}

        /** What comes cannot be understood. */
        record Failed() implements State {}
    }

    /** What it has done so far; any thread. */
    public CompressionStatistics.Figures figures() {
        return statistics.figures();
    }

    @Override
    public void giveCopyDataTo(CopyDataTaker next) {
        taker = next;
    }

    @Override
    public void passCopyDataOn() {
        taker = null;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        arrive(ctx, message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        arrive(ctx, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        arrive(ctx, End.INACTIVE);
    }

    /** All that one read of the socket brought has been given out, or waits for a turn of its own. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        given = 0;
        ctx.fireChannelReadComplete();
    }

    private void arrive(ChannelHandlerContext ctx, Object event) {
        arrived.add(event);
        if (turn == Turn.OURS) {
            goOn(ctx);
        }
    }

    /** A piece of the stream, still the decoder's. */
    private void arrive(ChannelHandlerContext ctx, ByteBuf received, int index, int length) {
        if (arrived.isEmpty() && state instanceof State.Decompressing now) {
            feed(now, received, index, length);
            if (turn == Turn.OURS) {
                goOn(ctx);
            }
        } else {
            arrive(ctx, new BackendMessage.CopyData(received.retainedSlice(index, length)));
        }
    }

    private void feed(State.Decompressing now, ByteBuf received, int index, int length) {
        statistics.wire(COPY_DATA_HEADER + length);
        now.input.feed(received, index, length);
    }

    private void goOn(ChannelHandlerContext ctx) {
        while (given < STEP) {
            if (state instanceof State.Decompressing now && now.input.hasMore()) {
                decompress(ctx, now);
            } else if (arrived.isEmpty()) {
                return;
            } else {
                take(ctx, arrived.remove());
            }
        }
        leaveTurnToOthers(ctx);
    }

    private void leaveTurnToOthers(ChannelHandlerContext ctx) {
        turn = Turn.OTHERS;
        ctx.channel().config().setAutoRead(false);
        // A timer, even one that has expired, waits until the loop has looked at its sockets; a task does not.
        ctx.executor()
                .schedule(
                        () -> {
                            turn = Turn.OURS;
                            given = 0;
                            goOn(ctx);
                            ctx.fireChannelReadComplete();
                            if (turn == Turn.OURS) {
                                ctx.channel().config().setAutoRead(true);
                            }
                        },
                        1,
                        TimeUnit.NANOSECONDS);
    }

    private void decompress(ChannelHandlerContext ctx, State.Decompressing now) {
        try {
            int read = now.input.read(now.messages.room());
            given += read;
            statistics.raw(read);
            now.messages.give(now.out);
        } catch (RuntimeException | Error broken) {
            // Also of who takes the messages: in a turn of its own, nobody else would be told.
            fail(ctx, broken);
        }
    }

    private void give(ChannelHandlerContext ctx, ByteBuf decompressed, int index, int length) {
        CopyDataTaker direct = taker;
        if (direct == null) {
            ctx.fireChannelRead(new BackendMessage.CopyData(decompressed.retainedSlice(index, length)));
        } else {
            direct.copyData(decompressed, index, length);
        }
    }

    private void take(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            case Throwable failure -> ctx.fireExceptionCaught(failure);
            case End inactive -> ctx.fireChannelInactive();
            default -> {
                switch (state) {
                    case State.Plain plain -> {
                        if (event instanceof BackendMessage.CopyBothResponse) {
                            begin(ctx);
                        }
                        ctx.fireChannelRead(event);
                    }
                    case State.Decompressing now -> take(ctx, now, event);
                    case State.Failed failed -> ReferenceCountUtil.release(event);
                }
            }
        }
    }

    private void begin(ChannelHandlerContext ctx) {
        state = new State.Decompressing(
                new ZstdInput(ctx.alloc(), statistics),
                new MessageBuffer(ctx.alloc()),
                (decompressed, index, length) -> give(ctx, decompressed, index, length));
        BackendDecoder decoder = ctx.pipeline().get(BackendDecoder.class);
        if (decoder != null) {
            decoder.giveCopyDataTo((received, index, length) -> arrive(ctx, received, index, length));
        }
    }

    private void take(ChannelHandlerContext ctx, State.Decompressing now, Object message) {
        switch (message) {
            case BackendMessage.CopyData copyData -> {
                ByteBuf data = copyData.data();
                feed(now, data, data.readerIndex(), data.readableBytes());
                data.release();
            }
            // What the server says of a failure says more than that the stream is torn.
            case BackendMessage.ErrorResponse error -> {
                leave(ctx, new State.Plain());
                ctx.fireChannelRead(error);
            }
            // These may come at any time, and end nothing.
            case BackendMessage.ParameterStatus parameterStatus -> ctx.fireChannelRead(message);
            case BackendMessage.NoticeResponse notice -> ctx.fireChannelRead(message);
            default -> {
                if (now.input.isAtEnd() && now.messages.isAtEnd()) {
                    leave(ctx, new State.Plain());
                    ctx.fireChannelRead(message);
                } else {
                    ReferenceCountUtil.release(message);
                    fail(ctx, PgException.protocolViolation("unexpected end of compressed data from upstream server"));
                }
            }
        }
    }

    private void fail(ChannelHandlerContext ctx, Throwable reason) {
        leave(ctx, new State.Failed());
        ctx.fireExceptionCaught(reason);
    }

    private void leave(ChannelHandlerContext ctx, State next) {
        if (state instanceof State.Decompressing now) {
            now.input.close();
            now.messages.close();
            BackendDecoder decoder = ctx.pipeline().get(BackendDecoder.class);
            if (decoder != null) {
                decoder.passCopyDataOn();
            }
        }
        state = next;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        leave(ctx, new State.Failed());
        arrived.forEach(ReferenceCountUtil::release);
        arrived.clear();
    }
}
