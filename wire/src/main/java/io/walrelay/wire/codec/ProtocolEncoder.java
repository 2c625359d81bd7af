package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.EncoderException;
import org.jspecify.annotations.Nullable;

/**
 * What the encoders share: one buffer per message, except that a CopyData payload that is not small is written as it
 * is, behind its header, instead of being copied. Messages of other types pass through.
 *
 * <p>A message that cannot be encoded fails its promise with {@link EncoderException}, and nothing of it is written.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the promise given by the caller carries the result
abstract class ProtocolEncoder extends ChannelOutboundHandlerAdapter {
    /** Payloads up to this many bytes are cheaper to copy than to hand to the socket one by one. */
    private static final int COPY_UP_TO = 512;

    private static final int INITIAL_CAPACITY = 128;

    /** Whether {@link #encode} knows this message. */
    abstract boolean accepts(Object message);

    /**
     * Writes a whole message. The caller releases a payload.
     *
     * @throws IllegalArgumentException if it cannot be said in the protocol
     */
    abstract void encode(Object message, ByteBuf out);

    /** The payload, if the message owns one. */
    abstract @Nullable ByteBuf payload(Object message);

    @Override
    public final void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!accepts(message)) {
            ctx.write(message, promise);
            return;
        }
        ByteBuf payload = payload(message);
        if (payload != null && payload.readableBytes() > COPY_UP_TO) {
            ByteBuf header = ctx.alloc().ioBuffer(Frame.HEADER);
            copyHeader(header, payload.readableBytes());
            // A failure to write the header closes the stream and so fails the payload's promise as well.
            ctx.write(header);
            ctx.write(payload, promise);
        } else {
            writeWhole(ctx, message, payload, promise);
        }
    }

    private void writeWhole(
            ChannelHandlerContext ctx, Object message, @Nullable ByteBuf payload, ChannelPromise promise) {
        ByteBuf out = ctx.alloc().ioBuffer(INITIAL_CAPACITY);
        boolean encoded = false;
        try {
            encode(message, out);
            encoded = true;
        } catch (IllegalArgumentException e) {
            promise.tryFailure(new EncoderException(e));
        } finally {
            if (payload != null) {
                payload.release();
            }
            if (!encoded) {
                out.release();
            }
        }
        if (encoded) {
            ctx.write(out, promise);
        }
    }

    private static void copyHeader(ByteBuf out, int payloadLength) {
        out.writeByte('d');
        out.writeInt(Frame.LENGTH_WORD + payloadLength);
    }

    /** A CopyData message in one piece. */
    static void copyData(ByteBuf out, ByteBuf data) {
        copyHeader(out, data.readableBytes());
        out.writeBytes(data, data.readerIndex(), data.readableBytes());
    }
}
