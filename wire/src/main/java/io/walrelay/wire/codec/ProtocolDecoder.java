package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SilentCloseException;
import java.util.List;

/**
 * What the decoders share: how they fail and how one takes over from another.
 *
 * <p><b>Failing.</b> A {@link PgException} or {@link SilentCloseException} goes to {@code exceptionCaught} as it is,
 * after all messages before it. Unless it is an ERROR, which leaves the stream in step, the decoder then reads nothing
 * more: what follows is dropped.
 *
 * <p><b>Taking over.</b> A session moves from one phase to the next by {@code pipeline.replace(old, name, next)} on the
 * event loop. At most one message is in flight at that moment, and the bytes behind it go to {@code next}, so no byte
 * is lost or read by the wrong decoder. That happens within {@code replace}: it is the last thing to do with a message,
 * after the session's own state has changed. A decoder of a phase that ends with its message {@linkplain #hold holds}
 * what comes early until it is replaced.
 */
abstract class ProtocolDecoder extends ByteToMessageDecoder {
    /** Bytes that may arrive before they are due. A client that waits for its answers, as it should, sends none. */
    private static final int MAX_HELD = 64 * 1024;

    private enum State {
        READING,
        HOLDING,
        FAILED
    }

    private State state = State.READING;

    /**
     * Reads at most one message, and nothing if it has not arrived in full.
     *
     * @throws PgException or {@link SilentCloseException} if the peer broke the protocol
     */
    abstract void decodeOne(ChannelHandlerContext ctx, ByteBuf in, List<Object> out);

    /** Reads no more: the phase is over. */
    final void hold() {
        state = State.HOLDING;
    }

    /** Reads no more: what follows cannot be understood. */
    final void discard() {
        state = State.FAILED;
    }

    @Override
    protected final void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        try {
            switch (state) {
                case READING -> decodeOne(ctx, in, out);
                case HOLDING -> checkHeld(in);
                case FAILED -> in.skipBytes(in.readableBytes());
            }
        } catch (PgException failure) {
            if (failure.severity().endsSession()) {
                fail(in);
            }
            ctx.fireExceptionCaught(failure);
        } catch (SilentCloseException failure) {
            fail(in);
            ctx.fireExceptionCaught(failure);
        }
    }

    private void fail(ByteBuf in) {
        state = State.FAILED;
        in.skipBytes(in.readableBytes());
    }

    private static void checkHeld(ByteBuf in) {
        if (in.readableBytes() > MAX_HELD) {
            throw new SilentCloseException("more than " + MAX_HELD + " bytes received before they were asked for");
        }
    }
}
