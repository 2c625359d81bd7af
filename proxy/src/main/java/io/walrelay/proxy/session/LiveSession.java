package io.walrelay.proxy.session;

import io.walrelay.replication.Lsn;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A session as all the others see it. Any thread. */
interface LiveSession {
    Session session();

    /** A CancelRequest that showed the right key. */
    void cancel();

    /** Ends the session, whatever it does: pg_terminate_backend. */
    void terminate();

    /** The relay shuts down. */
    void shutDown(ShutdownMode mode);

    /** The time that a shutdown leaves has passed. */
    void cutOff();

    /** Whether it was sending WAL; it sends none until {@link #resume}. */
    CompletableFuture<Boolean> pause();

    /** Whether it was paused; it goes on sending. */
    CompletableFuture<Boolean> resume();

    /** From where on its client still needs WAL, if it streams without a slot. */
    Optional<Lsn> holding();
}
