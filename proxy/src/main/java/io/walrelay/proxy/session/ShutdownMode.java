package io.walrelay.proxy.session;

/**
 * How a relay comes to its end; each goes further than the one before. An immediate shutdown is none of these: it asks
 * nothing of the program.
 *
 * @see <a href="https://www.postgresql.org/docs/current/server-shutdown.html">Shutting Down the Server</a>
 */
public enum ShutdownMode {
    /**
     * Clients that stream are sent what is here; statements that run may end. For a while: then it is like {@link
     * #FAST}.
     */
    SMART("smart shutdown"),
    /**
     * Clients that stream are sent what is here, at most for {@code wal_sender_shutdown_timeout}; all others are cut
     * off.
     */
    FAST("fast shutdown"),
    /** No client is waited for. */
    WITHOUT_CLIENTS("shutdown without waiting for clients");

    private final String title;

    ShutdownMode(String title) {
        this.title = title;
    }

    /** As the log names it. */
    public String title() {
        return title;
    }
}
