package io.walrelay.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LastWordsTest {
    /** A client whose socket takes nothing: no write is ever done. */
    private static final class TakesNothing extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    @Test
    void aConnectionIsClosedWhenTheClientHasTakenAll() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel();

        // When
        LastWords.thenClose(channel);

        // Then
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aClientThatDoesNotTakeThemIsNotWaitedFor() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(new TakesNothing());
        channel.freezeTime();

        // When
        LastWords.thenClose(channel);

        // Then
        channel.advanceTimeBy(LastWords.LIMIT - 1, TimeUnit.SECONDS);
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }
}
