package io.walrelay.proxy.syncrep;

import java.util.Optional;

/**
 * A {@code synchronous_standby_names} that PostgreSQL does not take either ({@code check_synchronous_standby_names}).
 */
public final class StandbyNamesException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean syntax;

    private StandbyNamesException(String message, boolean syntax) {
        super(message);
        this.syntax = syntax;
    }

    static StandbyNamesException syntax(String detail) {
        return new StandbyNamesException(detail, true);
    }

    static StandbyNamesException tooFew(int numSync) {
        return new StandbyNamesException(
                "number of synchronous standbys (" + numSync + ") must be greater than zero", false);
    }

    /** What is wrong with the text: the detail of a message that says that the value is invalid. */
    public Optional<String> detail() {
        return syntax ? Optional.of(message()) : Optional.empty();
    }

    /** What is wrong. Where there is no detail, it is the whole message. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
