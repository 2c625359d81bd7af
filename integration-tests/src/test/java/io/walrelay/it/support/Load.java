package io.walrelay.it.support;

import static org.awaitility.Awaitility.await;

import io.walrelay.proxy.embedded.PostgresCluster;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** One client that writes small transactions without end, and comes back when its server does. */
public final class Load implements AutoCloseable {
    private final AtomicLong transactions = new AtomicLong();
    private final Duration pause;
    private final Thread thread;
    private volatile boolean stopping;

    private Load(PostgresCluster primary, Duration pause) {
        this.pause = pause;
        thread = Thread.ofPlatform().daemon().name("load").start(() -> run(primary));
    }

    /** Starts to write to the table of {@link Rows}. */
    public static Load on(PostgresCluster primary) {
        return new Load(primary, Duration.ZERO);
    }

    /** Starts to write to the table of {@link Rows}, with a pause behind each transaction. */
    public static Load steady(PostgresCluster primary, Duration pause) {
        return new Load(primary, pause);
    }

    /** Waits until fifty more transactions are committed. */
    public void awaitMore() {
        long enough = transactions.get() + 50;
        await().atMost(Duration.ofSeconds(60)).until(() -> transactions.get() >= enough);
    }

    /** Ends it. */
    @Override
    public void close() {
        stopping = true;
        await().atMost(Duration.ofSeconds(60)).until(() -> !thread.isAlive());
    }

    private void run(PostgresCluster primary) {
        while (!stopping) {
            try (Connection connection = primary.connect();
                    Statement statement = connection.createStatement()) {
                while (!stopping) {
                    statement.execute(
                            "INSERT INTO rows (content) SELECT repeat(md5(n::text), 20) FROM generate_series(1, 20) n");
                    transactions.incrementAndGet();
                    LockSupport.parkNanos(pause.toNanos());
                }
            } catch (SQLException e) {
                // The server was killed; it will be back.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }
}
