package io.walrelay.proxy.session;

import io.walrelay.proxy.console.Console;
import io.walrelay.proxy.console.CpuBudget;
import io.walrelay.proxy.console.CpuMeter;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the console: few, one of them for admins alone, so that others cannot keep them out; and none while
 * nobody asks. They have a budget of CPU time and the least priority, so that SQL cannot take the processors from
 * replication. The launcher makes that priority a nice value of 10; with Java's own defaults Linux does not look at it.
 * What waits for them is bounded by {@code max_connections}, since a session waits once at most, and once more to be
 * closed.
 */
public final class ConsoleWorkers implements AutoCloseable {
    private static final int FOR_EVERYBODY = 2;
    private static final int FOR_ADMINS = 1;
    private static final long IDLE_SECONDS = 30;

    /** A shutdown waits no longer for a pause. */
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ThreadPoolExecutor everybodys;
    private final ThreadPoolExecutor admins;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("console-timer").daemon().factory(), new ThreadPoolExecutor.DiscardPolicy());

    /**
     * No thread runs yet.
     *
     * @param budget of all that they do
     */
    public ConsoleWorkers(CpuBudget budget) {
        everybodys = new Metered(FOR_EVERYBODY, niceThreads("console-", budget));
        admins = new Metered(FOR_ADMINS, niceThreads("console-admin-", budget));
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
    }

    /** What sessions need to have this console answer them. */
    public ConsoleAccess access(Console console) {
        return new ConsoleAccess(console, everybodys, admins, timer);
    }

    /** Begins nothing more; what runs goes on to its end. */
    @Override
    public void close() {
        timer.shutdownNow();
        everybodys.shutdown();
        admins.shutdown();
    }

    /** Whoever has used more than there was pauses when the work is done, however it was spent. */
    private static final class Metered extends ThreadPoolExecutor {
        Metered(int size, ThreadFactory threads) {
            // After the end of all sessions: what they held goes with the engine.
            super(
                    size,
                    size,
                    IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(),
                    threads,
                    new DiscardPolicy());
            allowCoreThreadTimeOut(true);
        }

        @Override
        protected void afterExecute(Runnable done, @Nullable Throwable failure) {
            super.afterExecute(done, failure);
            CpuMeter.ofThread().ifPresent(meter -> {
                for (long owed = meter.owed(); owed > 0 && !isShutdown(); owed = meter.owed()) {
                    LockSupport.parkNanos(Math.min(owed, LONGEST_PAUSE_NANOS));
                }
            });
        }
    }

    // Nothing is ordered by it: it says who waits for a processor when all are taken.
    @SuppressWarnings("ThreadPriorityCheck")
    private static ThreadFactory niceThreads(String prefix, CpuBudget budget) {
        ThreadFactory factory = Thread.ofPlatform()
                .name(prefix, 1)
                .daemon()
                .priority(Thread.MIN_PRIORITY)
                .factory();
        return loop -> factory.newThread(() -> CpuMeter.run(budget, loop));
    }
}
