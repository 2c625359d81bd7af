package io.walrelay.wire.error;

/**
 * The peer broke the protocol in a way to which PostgreSQL answers nothing: it writes a line into its log and closes
 * the connection. Whoever handles it does the same.
 *
 * <p>PostgreSQL reports these at level {@code COMMERROR}, which never reaches a client: a malformed start-up packet
 * ({@code ProcessStartupPacket}) and a message length out of bounds ({@code pq_getmessage} in {@code pqcomm.c}).
 */
public final class SilentCloseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param reason for the log, in PostgreSQL's words where it has some */
    public SilentCloseException(String reason) {
        super(reason);
    }

    /** Why, for the log. */
    public String reason() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
