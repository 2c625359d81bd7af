package io.walrelay.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.spi.FilterReply;
import io.walrelay.proxy.config.LogLevel;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

final class ServerLogTest {
    private static final String PREFIX =
            "2026-11-22 12:00:00.123 UTC [" + ProcessHandle.current().pid() + "] ";

    private final Logger logger = new LoggerContext().getLogger("test");

    @AfterEach
    void restoreTheDefault() {
        ServerLog.apply(LogLevel.WARNING);
    }

    private LoggingEvent event(Level level, String message) {
        LoggingEvent event = new LoggingEvent("test", logger, level, message, null, null);
        event.setInstant(Instant.parse("2026-11-22T12:00:00.123Z"));
        event.setThreadName("wal-flusher");
        return event;
    }

    private static String layout(LoggingEvent event) {
        return new ServerLogLayout().doLayout(event);
    }

    @ParameterizedTest
    @CsvSource({"ERROR, ERROR", "WARN, WARNING", "INFO, LOG"})
    void lineIsThatOfPostgresServerLog(String level, String word) {
        assertThat(layout(event(Level.valueOf(level), "all is well"))).isEqualTo(PREFIX + word + ":  all is well\n");
    }

    @Test
    void debugLineNamesItsThread() {
        assertThat(layout(event(Level.DEBUG, "x"))).isEqualTo(PREFIX + "[wal-flusher] DEBUG1:  x\n");
    }

    @Test
    void detailAndHintHaveLinesOfTheirOwnAndOtherLinesATab() {
        assertThat(layout(event(Level.ERROR, "a\nDETAIL:  b\nc\nHINT:  d")))
                .isEqualTo(PREFIX + "ERROR:  a\n" + PREFIX + "DETAIL:  b\n\tc\n" + PREFIX + "HINT:  d\n");
    }

    @Test
    void markerMakesAMessageFatal() {
        LoggingEvent event = event(Level.ERROR, "x");
        Marker fatal = MarkerFactory.getMarker("FATAL");
        event.addMarker(fatal);

        assertThat(layout(event)).isEqualTo(PREFIX + "FATAL:  x\n");
    }

    @ParameterizedTest
    @CsvSource({
        "WARNING, DEBUG, DENY",
        "WARNING, WARN, NEUTRAL",
        "WARNING, INFO, NEUTRAL",
        "ERROR, WARN, DENY",
        "ERROR, INFO, NEUTRAL",
        "LOG, ERROR, DENY",
        "LOG, INFO, NEUTRAL",
        "FATAL, INFO, DENY",
        "DEBUG1, DEBUG, NEUTRAL",
        "DEBUG1, TRACE, DENY",
        "DEBUG2, TRACE, NEUTRAL",
    })
    void minimumIsInPostgresOrder(LogLevel minimum, String level, FilterReply expected) {
        ServerLog.apply(minimum);

        assertThat(new ServerLog().decide(event(Level.valueOf(level), "x"))).isEqualTo(expected);
    }
}
