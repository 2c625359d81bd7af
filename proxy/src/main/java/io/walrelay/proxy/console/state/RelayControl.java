package io.walrelay.proxy.console.state;

import io.walrelay.replication.Lsn;

/**
 * What SQL may have the relay do, for clients with the admin role. Called on a console worker; may block as long as the
 * thing takes. Errors are {@link io.walrelay.wire.error.PgException} with PostgreSQL's words.
 */
public interface RelayControl {
    /** Cancels what a session does, as a CancelRequest; false if there is no such session. */
    boolean cancel(int pid);

    /** Ends a session; false if there is no such session. */
    boolean terminate(int pid);

    /** Reads the settings again; what is bad in the files is logged. */
    void reload();

    /** Creates a physical slot. @throws io.walrelay.wire.error.PgException 42710, 42602, 53400 */
    SlotState createSlot(String name, boolean reserveWal, boolean temporary, int pid);

    /** Drops a slot. @throws io.walrelay.wire.error.PgException 42704, 55006 */
    void dropSlot(String name, int pid);

    /** Drops the temporary slots of a session; one of its statements has failed, or it is over. Does not block. */
    void dropTemporarySlots(int pid);

    /** Moves a slot forward, at most to what is flushed; tells where it ended up. */
    Lsn advanceSlot(String name, Lsn target, int pid);

    /** Whether there is such a session. */
    boolean exists(int pid);

    /** Stops receiving until {@link #resumeUpstream}; false if it was so already. */
    boolean pauseUpstream();

    /** Goes on receiving; false if it was not paused. */
    boolean resumeUpstream();

    /**
     * Sends a client no more WAL until {@link #resumeSender}; false if it does not stream, or it was so already.
     *
     * @throws io.walrelay.wire.error.PgException 22023 if it is no replication session
     */
    boolean pauseSender(int pid);

    /** Goes on sending; false if it was not paused. @throws io.walrelay.wire.error.PgException 22023, as above */
    boolean resumeSender(int pid);

    /**
     * Ends a replication session after its client has got what is here, as at shutdown; false if there is none.
     *
     * @throws io.walrelay.wire.error.PgException 22023 if it is no replication session
     */
    boolean endSender(int pid);
}
