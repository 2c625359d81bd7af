package io.walrelay.proxy.transport;

import io.netty.channel.Channel;

/**
 * What an event loop does for one channel, called by none of its handlers. What that throws is theirs to hear, as if
 * one of them had thrown it: nobody else would, and what the loop does for other channels goes on.
 *
 * @param step on the channel's loop
 */
public record ChannelTask(Channel channel, Runnable step) implements Runnable {
    @Override
    public void run() {
        try {
            step.run();
        } catch (RuntimeException | Error defect) {
            channel.pipeline().fireExceptionCaught(defect);
        }
    }
}
