package io.walrelay.replication.timeline;

/** A timeline history file that cannot be true. Carries PostgreSQL's words; PostgreSQL reports it as FATAL, XX000. */
public final class TimelineHistoryException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String hint;

    TimelineHistoryException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    /** What the file was expected to hold. */
    public String hint() {
        return hint;
    }
}
