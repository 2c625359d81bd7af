package io.walrelay.proxy.config;

/** A connection string that is malformed, or that asks for what this build cannot do; in libpq's words. */
public final class ConnectionInfoException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String hint;

    ConnectionInfoException(String message) {
        this(message, "");
    }

    ConnectionInfoException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    /** The message alone. */
    public String message() {
        return String.valueOf(getMessage());
    }

    String hint() {
        return hint;
    }
}
