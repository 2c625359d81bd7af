package io.walrelay.proxy.config;

import java.util.Optional;

/**
 * A value that a setting does not take: PostgreSQL's message, with its detail and hint (SQLSTATE 22023 on the wire).
 */
public final class InvalidValueException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String detail;
    private final String hint;

    InvalidValueException(String message, String detail, String hint) {
        super(message);
        this.detail = detail;
        this.hint = hint;
    }

    /** The message alone. */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** What exactly is wrong. */
    public Optional<String> detail() {
        return detail.isEmpty() ? Optional.empty() : Optional.of(detail);
    }

    /** What to do. */
    public Optional<String> hint() {
        return hint.isEmpty() ? Optional.empty() : Optional.of(hint);
    }
}
