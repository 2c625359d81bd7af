package io.walrelay.proxy.transport;

import io.netty.channel.EventLoop;

/**
 * What an event loop's thread says it does, in its name, where {@code jstack}, {@code top -H} and debuggers show it;
 * the kernel keeps the first 15 bytes. Belongs to the loop.
 */
public final class ThreadTitle {
    private final EventLoop loop;
    private String idle = "";
    private String shown = "";

    /** The title of a loop's thread; nothing is shown yet. */
    public ThreadTitle(EventLoop loop) {
        this.loop = loop;
    }

    /** Shows a title, or with an empty one the thread's own name. On the loop. */
    public void show(String title) {
        assert loop.inEventLoop();
        if (title.equals(shown)) {
            return;
        }
        Thread thread = Thread.currentThread();
        if (idle.isEmpty()) {
            idle = thread.getName();
        }
        shown = title;
        thread.setName(title.isEmpty() ? idle : title);
    }
}
