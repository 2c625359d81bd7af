package io.walrelay.replication.copyboth;

/** A CopyData payload that is no valid message of the replication stream. Carries PostgreSQL's SQLSTATE and words. */
public final class CopyBothException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String sqlState;
    private final boolean reported;

    private CopyBothException(String message, boolean reported) {
        super(message);
        this.sqlState = "08P01";
        this.reported = reported;
    }

    /** A broken message; PostgreSQL tells the peer so, with severity ERROR. */
    static CopyBothException protocolViolation(String message) {
        return new CopyBothException(message, true);
    }

    /** A message of unknown type; PostgreSQL logs it and closes the connection without a word to the peer. */
    static CopyBothException unexpectedType(String message) {
        return new CopyBothException(message, false);
    }

    /** SQLSTATE 08P01, protocol_violation. */
    public String sqlState() {
        return sqlState;
    }

    /** PostgreSQL's words. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** Whether the peer is told; if not, log the message and close the connection silently. */
    public boolean reportedToPeer() {
        return reported;
    }
}
