package io.walrelay.replication.command;

/** Ends the parsing of a command that PostgreSQL refuses; never leaves this package. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String sqlState;

    private RefusedException(String sqlState, String message) {
        super(message, null, false, false);
        this.sqlState = sqlState;
    }

    /** SQLSTATE 42601, in the one form the grammar has for it: no position, no token. */
    static RefusedException syntaxError() {
        return syntaxError("syntax error");
    }

    static RefusedException syntaxError(String message) {
        return new RefusedException("42601", message);
    }

    static RefusedException invalidParameterValue(String message) {
        return new RefusedException("22023", message);
    }

    /** SQLSTATE XX000, which PostgreSQL gives errors it expects nobody to see. */
    static RefusedException internalError(String message) {
        return new RefusedException("XX000", message);
    }

    String sqlState() {
        return sqlState;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
