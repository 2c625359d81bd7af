package io.walrelay.wire.codec;

import io.netty.buffer.ByteBuf;

/** Takes the payloads of CopyData where they lie, without an object for each. On the channel's event loop. */
@FunctionalInterface
public interface CopyDataTaker {
    /**
     * A message has come.
     *
     * @param received holds its payload, and others'; its indices are to be left alone. It remains the decoder's: to
     *     keep it for longer than the call, retain it.
     */
    void copyData(ByteBuf received, int index, int length);
}
