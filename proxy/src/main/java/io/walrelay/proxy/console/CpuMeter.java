package io.walrelay.proxy.console;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Optional;

/**
 * Takes what a worker's thread uses of the processors from the budget of all. Any thread may look; the worker's own
 * pauses.
 */
public final class CpuMeter {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final ThreadLocal<CpuMeter> OF_THREAD = new ThreadLocal<>();

    private final CpuBudget budget;
    private final long thread = Thread.currentThread().threadId();
    private long taken = THREADS.getThreadCpuTime(thread);

    private CpuMeter(CpuBudget budget) {
        this.budget = budget;
    }

    /** Runs a worker's loop on this thread, metered. */
    public static void run(CpuBudget budget, Runnable loop) {
        OF_THREAD.set(new CpuMeter(budget));
        try {
            loop.run();
        } finally {
            OF_THREAD.remove();
        }
    }

    /** That of this thread, if it is a worker's. */
    public static Optional<CpuMeter> ofThread() {
        return Optional.ofNullable(OF_THREAD.get());
    }

    /**
     * Takes what has been used since the last time. @return nanoseconds for which the thread is to pause now; 0 for
     * none
     */
    public synchronized long owed() {
        long used = THREADS.getThreadCpuTime(thread);
        long since = Math.max(0, used - taken);
        taken = Math.max(taken, used);
        return budget.take(since);
    }
}
