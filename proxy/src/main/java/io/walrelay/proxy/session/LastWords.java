package io.walrelay.proxy.session;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The end of a connection whose client is still to be told why. On its event loop. */
final class LastWords {
    /** How long a client may take to take them, in seconds. */
    static final long LIMIT = 10;

    private LastWords() {}

    /**
     * Closes the connection when the client has taken all that was written to it. One that does not take it is not
     * waited for: what is queued for it holds files open.
     */
    static void thenClose(Channel channel) {
        ScheduledFuture<?> late = channel.eventLoop().schedule(() -> channel.close(), LIMIT, TimeUnit.SECONDS);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        channel.closeFuture().addListener(closed -> late.cancel(false));
    }
}
