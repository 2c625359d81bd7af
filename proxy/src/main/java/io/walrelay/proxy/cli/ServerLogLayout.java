package io.walrelay.proxy.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.walrelay.proxy.config.LogLevel;
import io.walrelay.proxy.event.MessageLevel;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/** The lines of PostgreSQL's server log on stderr, with its default log_line_prefix {@code '%m [%p] '} and in UTC:
 *
 * <pre>2026-11-22 12:00:00.123 UTC [4711] LOG:  message
 * 2026-11-22 12:00:00.123 UTC [4711] DETAIL:  a line of the message that begins with DETAIL, HINT, CONTEXT or STATEMENT
 * [tab]any other further line</pre>
 *
 * <p>Debug messages also name their thread.
 */
public final class ServerLogLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS 'UTC'").withZone(ZoneOffset.UTC);
    private static final Pattern OWN_LINE = Pattern.compile("(?:DETAIL|HINT|CONTEXT|STATEMENT): .*");

    private final long pid = ProcessHandle.current().pid();

    @Override
    public String doLayout(ILoggingEvent event) {
        String prefix = TIME.format(Instant.ofEpochMilli(event.getTimeStamp())) + " [" + pid + "] ";
        LogLevel level = MessageLevel.of(event);
        StringBuilder lines = new StringBuilder(prefix);
        if (level.compareTo(LogLevel.DEBUG1) <= 0) {
            lines.append('[').append(event.getThreadName()).append("] ");
        }
        lines.append(level).append(":  ");
        String[] parts = event.getFormattedMessage().split("\n", -1);
        lines.append(parts[0]).append('\n');
        for (int i = 1; i < parts.length; i++) {
            lines.append(OWN_LINE.matcher(parts[i]).matches() ? prefix : "\t")
                    .append(parts[i])
                    .append('\n');
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            ThrowableProxyUtil.asString(thrown)
                    .lines()
                    .forEach(line -> lines.append('\t').append(line).append('\n'));
        }
        return lines.toString();
    }
}
