package io.walrelay.proxy.demo;

import io.walrelay.replication.Lsn;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** How far a server or a relay has got with the WAL. */
@FunctionalInterface
interface Position {
    /** How far it is at this moment. */
    Lsn now() throws SQLException;

    /** Waits until it has reached {@code end}, or for as long as {@code limit}; tells how far it is then. */
    default Lsn await(Lsn end, Duration limit) throws SQLException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            Lsn reached = now();
            if (!reached.isBefore(end) || System.nanoTime() > deadline) {
                return reached;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }
}
