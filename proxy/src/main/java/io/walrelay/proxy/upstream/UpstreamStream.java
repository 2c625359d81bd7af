package io.walrelay.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.walrelay.wire.error.PgException;

/** Takes what an upstream streams after START_REPLICATION. Called on the connection's event loop. */
public interface UpstreamStream {
    /** A message of the stream; the taker owns {@code payload}. */
    void data(ByteBuf payload);

    /**
     * A message of the stream, where it lies: as {@link #data}, but the buffer, whose indices are to be left alone, is
     * not the taker's.
     */
    default void data(ByteBuf received, int index, int length) {
        data(received.retainedSlice(index, length));
    }

    /** All that one read of the socket brought has been given to {@link #data}. */
    void readComplete();

    /** The upstream has sent all WAL of this timeline; answer with {@link ReplicationConnection#endStream}. */
    void endOfTimeline();

    /** The upstream is shutting down and has sent all it will; the connection is about to close. */
    void endOfWal();

    /** The stream is over: the upstream refused it, or the connection is lost. */
    void failed(PgException reason);
}
