package io.walrelay.proxy.event;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.walrelay.proxy.config.LogLevel;
import java.util.List;
import java.util.Locale;
import org.slf4j.Marker;

/**
 * PostgreSQL's level of a message of the log: ERROR, WARN (WARNING), INFO (LOG), DEBUG (DEBUG1), TRACE (DEBUG2). A
 * marker with the name of another level (FATAL, PANIC, NOTICE) makes a message one of that level.
 */
public final class MessageLevel {
    private MessageLevel() {}

    /** The level of a message. */
    public static LogLevel of(ILoggingEvent event) {
        List<Marker> markers = event.getMarkerList();
        if (markers != null && !markers.isEmpty()) {
            String name = markers.getFirst().getName().toUpperCase(Locale.ROOT);
            for (LogLevel level : LogLevel.values()) {
                if (level.name().equals(name)) {
                    return level;
                }
            }
        }
        return switch (event.getLevel().toInt()) {
            case Level.ERROR_INT -> LogLevel.ERROR;
            case Level.WARN_INT -> LogLevel.WARNING;
            case Level.INFO_INT -> LogLevel.LOG;
            case Level.DEBUG_INT -> LogLevel.DEBUG1;
            default -> LogLevel.DEBUG2;
        };
    }
}
