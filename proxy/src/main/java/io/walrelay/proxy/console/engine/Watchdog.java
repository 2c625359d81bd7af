package io.walrelay.proxy.console.engine;

import com.sun.management.ThreadMXBean;
import io.walrelay.proxy.console.CpuMeter;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after statements that run: how long, how much memory their thread has allocated since they began, and how much
 * CPU time it has used. What was allocated is more than what is held, so it bounds that from above without knowing how
 * the engine works.
 */
final class Watchdog {
    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);
    private static final int INTERVAL_MILLIS = 20;

    /** A cancelled statement sleeps no longer. */
    private static final int LONGEST_PAUSE_MILLIS = 500;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final ScheduledExecutorService timer;
    private final Supplier<Limits> limits;

    Watchdog(ScheduledExecutorService timer, Supplier<Limits> limits) {
        this.timer = timer;
        this.limits = limits;
    }

    /** A statement that is looked after; to be closed by the thread that runs it. */
    final class Watch implements AutoCloseable {
        private final Execution execution;
        private final Statement statement;
        private final SessionLocal engine;
        private final long thread = Thread.currentThread().threadId();
        private final long allocatedBefore = THREADS.getThreadAllocatedBytes(thread);
        private final long deadline;
        private final long most;
        private final ScheduledFuture<?> task;

        private Watch(Execution execution, Statement statement, SessionLocal engine, Duration timeout, long most) {
            this.engine = engine;
            this.most = most;
            this.execution = execution;
            this.statement = statement;
            this.deadline = System.nanoTime() + timeout.toNanos();
            this.task = timer.scheduleAtFixedRate(this::look, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        }

        /** Bytes allocated since it began. */
        long allocated() {
            return THREADS.getThreadAllocatedBytes(thread) - allocatedBefore;
        }

        private void look() {
            execution.meter().ifPresent(this::slow);
            if (execution.reason() == null && System.nanoTime() - deadline > 0) {
                execution.stop(
                        PgException.error(SqlState.QUERY_CANCELED, "canceling statement due to statement timeout"));
            }
            if (execution.reason() == null && allocated() > most) {
                execution.stop(PgException.error(SqlState.OUT_OF_MEMORY, "out of memory")
                        .withDetail("A statement may allocate " + (most >> 20) + " MB."));
            }
            if (execution.reason() != null) {
                interrupt();
            }
        }

        /** The engine then pauses by itself, for this long after each 50 ms, where it looks whether it is cancelled. */
        private synchronized void slow(CpuMeter meter) {
            if (!task.isCancelled()) {
                long owed = TimeUnit.NANOSECONDS.toMillis(meter.owed());
                engine.setThrottle((int) Math.min(owed, LONGEST_PAUSE_MILLIS));
            }
        }

        private void interrupt() {
            try {
                statement.cancel();
            } catch (SQLException e) {
                log.debug("could not cancel a statement: {}", e.getMessage());
            }
        }

        @Override
        public synchronized void close() {
            task.cancel(false);
            engine.setThrottle(0);
        }
    }

    /** Begins to look after a statement of this thread. */
    Watch watch(Execution execution, Statement statement, Duration timeout) throws SQLException {
        Limits now = limits.get();
        boolean bounded = timeout.isPositive() && timeout.compareTo(now.time()) < 0;
        SessionLocal engine = (SessionLocal)
                statement.getConnection().unwrap(JdbcConnection.class).getSession();
        return new Watch(execution, statement, engine, bounded ? timeout : now.time(), now.allocatedBytes());
    }
}
