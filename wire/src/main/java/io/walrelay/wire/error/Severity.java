package io.walrelay.wire.error;

import java.util.Optional;

/**
 * Severity of a report, under the names that PostgreSQL sends in field {@code V} (never translated) and, untranslated,
 * in {@code S}.
 *
 * @see <a href="https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-SEVERITY-LEVELS">Message
 *     Severity Levels</a>
 */
public enum Severity {
    DEBUG,
    LOG,
    INFO,
    NOTICE,
    WARNING,
    /** The command fails; the session goes on. */
    ERROR,
    /** The session ends. */
    FATAL,
    /** All sessions of the server end. */
    PANIC;

    /** Whether the connection is closed after a report of this severity. */
    public boolean endsSession() {
        return this == FATAL || this == PANIC;
    }

    /** The severity of this name, empty for a name that is none (a translated one). */
    public static Optional<Severity> parse(String name) {
        for (Severity severity : values()) {
            if (severity.name().equals(name)) {
                return Optional.of(severity);
            }
        }
        return Optional.empty();
    }
}
