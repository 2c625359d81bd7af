package io.walrelay.proxy.config;

import java.util.Optional;

/** One thing that is wrong with a file or an option.
 *
 * @param message says what and, where it is known, in which file and line
 */
public record Problem(String message, Optional<String> detail, Optional<String> hint) {
    /** A problem whose message says it all. */
    public static Problem of(String message) {
        return new Problem(message, Optional.empty(), Optional.empty());
    }

    /** A problem with a hint. */
    public static Problem of(String message, String hint) {
        return new Problem(message, Optional.empty(), Optional.of(hint));
    }

    static Problem of(InvalidValueException e, Origin origin) {
        return new Problem(e.message() + origin.place(), e.detail(), e.hint());
    }

    /** The message, then DETAIL and HINT on lines of their own. */
    public String text() {
        return message
                + detail.map(d -> "\nDETAIL:  " + d).orElse("")
                + hint.map(h -> "\nHINT:  " + h).orElse("");
    }
}
