package io.walrelay.wire.message;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;

/**
 * A message that owns a buffer: its reference count is the buffer's, so Netty's handlers release it as they release the
 * buffer.
 */
sealed interface CopyPayload extends ReferenceCounted permits FrontendMessage.CopyData, BackendMessage.CopyData {
    /** The payload; owned by the message. */
    ByteBuf data();

    @Override
    default int refCnt() {
        return data().refCnt();
    }

    @Override
    default ReferenceCounted retain() {
        data().retain();
        return this;
    }

    @Override
    default ReferenceCounted retain(int increment) {
        data().retain(increment);
        return this;
    }

    @Override
    default ReferenceCounted touch() {
        data().touch();
        return this;
    }

    @Override
    default ReferenceCounted touch(Object hint) {
        data().touch(hint);
        return this;
    }

    @Override
    default boolean release() {
        return data().release();
    }

    @Override
    default boolean release(int decrement) {
        return data().release(decrement);
    }
}
