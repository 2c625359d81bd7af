package io.walrelay.proxy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import io.walrelay.proxy.config.LogLevel;
import io.walrelay.proxy.event.MessageLevel;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/** {@code log_min_messages}: a filter by PostgreSQL's levels, which are {@link MessageLevel}'s. */
public final class ServerLog extends Filter<ILoggingEvent> {
    /** Marks a message of level FATAL. */
    static final Marker FATAL = MarkerFactory.getMarker("FATAL");

    private static volatile LogLevel minimum = LogLevel.WARNING;

    /** Puts {@code log_min_messages} in force, at once and for every logger. */
    static void apply(LogLevel level) {
        minimum = level;
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(threshold(level));
        }
    }

    /**
     * What slf4j need not even make an event of. LOG stands high in PostgreSQL's order, so INFO is always let through
     * here.
     */
    private static Level threshold(LogLevel level) {
        return switch (level) {
            case DEBUG5, DEBUG4, DEBUG3, DEBUG2 -> Level.TRACE;
            case DEBUG1 -> Level.DEBUG;
            case INFO, NOTICE, WARNING, ERROR, LOG -> Level.INFO;
            case FATAL, PANIC -> Level.ERROR;
        };
    }

    @Override
    public FilterReply decide(ILoggingEvent event) {
        return MessageLevel.of(event).compareTo(minimum) >= 0 ? FilterReply.NEUTRAL : FilterReply.DENY;
    }
}
