package io.walrelay.proxy.session;

import io.walrelay.proxy.console.Console;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of the console: few, and of the least priority, so that SQL cannot take the processors from replication, and none while
 * nobody asks. The launcher makes that priority a nice value of 10; with Java's own defaults Linux does not look at it. What waits for
 * them is bounded by {@code max_connections}, since a session waits once at most, and once more to be closed.
 */
public final class ConsoleWorkers implements AutoCloseable {
    private static final int WORKERS = 2;
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor workers = new ThreadPoolExecutor(
            WORKERS,
            WORKERS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            niceThreads(),
            // After the end of all sessions: what they held goes with the engine.
            new ThreadPoolExecutor.DiscardPolicy());

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("console-timer").daemon().factory(), new ThreadPoolExecutor.DiscardPolicy());

    /** No thread runs yet. */
    public ConsoleWorkers() {
        workers.allowCoreThreadTimeOut(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
    }

    /** What sessions need to have this console answer them. */
    public ConsoleAccess access(Console console) {
        return new ConsoleAccess(console, workers, timer);
    }

    /** Begins nothing more; what runs goes on to its end. */
    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdown();
    }

    // Nothing is ordered by it: it says who waits for a processor when all are taken.
    @SuppressWarnings("ThreadPriorityCheck")
    private static ThreadFactory niceThreads() {
        return Thread.ofPlatform()
                .name("console-", 1)
                .daemon()
                .priority(Thread.MIN_PRIORITY)
                .factory();
    }
}
