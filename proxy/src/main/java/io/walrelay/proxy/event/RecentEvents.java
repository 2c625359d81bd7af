package io.walrelay.proxy.event;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/**
 * The last messages of the log from LOG on, so that who has no access to the log can ask for them. So many of each
 * kind: much of one does not push the others out. What clients ask for, and who tries to log in, is not among them. Any
 * thread.
 */
public final class RecentEvents extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    /** How many are kept of each kind. */
    static final int KEPT = 100;

    /** How much is kept of a message, in characters. */
    static final int LONGEST = 1000;

    private static final String PROGRAM = "io.walrelay.proxy";
    private static final Set<String> OF_CLIENTS = Set.of(
            PROGRAM + ".session.CommandExecution",
            PROGRAM + ".session.StartupHandler",
            PROGRAM + ".session.AuthenticationHandler");

    private final Map<String, Deque<Event>> byKind = new TreeMap<>();

    /**
     * A message of the log.
     *
     * @param kind the part of the program that it is from, by the name of its package
     * @param severity PostgreSQL's
     * @param detail its DETAIL and HINT, as the log has them
     */
    public record Event(Instant time, String kind, String severity, String message, Optional<String> detail) {}

    private RecentEvents() {}

    /** Keeps what this program says from now on, until it is closed. */
    public static RecentEvents ofLog() {
        RecentEvents events = new RecentEvents();
        events.setName("events");
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            events.setContext(context);
            events.start();
            context.getLogger(PROGRAM).addAppender(events);
        }
        return events;
    }

    @Override
    public void close() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            Logger program = context.getLogger(PROGRAM);
            program.detachAppender(this);
        }
        stop();
    }

    @Override
    protected void append(ILoggingEvent said) {
        if (!said.getLevel().isGreaterOrEqual(Level.INFO) || OF_CLIENTS.contains(said.getLoggerName())) {
            return;
        }
        String text = said.getFormattedMessage();
        int end = text.indexOf('\n');
        Event event = new Event(
                said.getInstant(),
                kind(said.getLoggerName()),
                MessageLevel.of(said).name(),
                shortened(end < 0 ? text : text.substring(0, end)),
                end < 0 ? Optional.empty() : Optional.of(shortened(text.substring(end + 1))));
        synchronized (byKind) {
            Deque<Event> kept = byKind.computeIfAbsent(event.kind(), kind -> new ArrayDeque<>());
            if (kept.size() == KEPT) {
                kept.removeFirst();
            }
            kept.addLast(event);
        }
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
    }

    /** Packages are few, so that there are few kinds. */
    private static String kind(String logger) {
        String[] names = logger.startsWith(PROGRAM + ".")
                ? logger.substring(PROGRAM.length() + 1).split("\\.", -1)
                : new String[0];
        return names.length < 2 ? "relay" : names[0].toLowerCase(Locale.ROOT);
    }

    /** Those that are kept, oldest first. */
    public List<Event> recent() {
        synchronized (byKind) {
            return byKind.values().stream()
                    .flatMap(Deque::stream)
                    .sorted(Comparator.comparing(Event::time))
                    .toList();
        }
    }
}
