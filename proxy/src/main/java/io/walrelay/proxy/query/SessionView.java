package io.walrelay.proxy.query;

import io.walrelay.proxy.query.format.TextStyle;
import java.time.Duration;
import java.util.Map;

/** What the query protocol needs to know of its session. Called on the session's worker. */
public interface SessionView {
    /** What ParameterStatus tells, by name; changes with SET. */
    Map<String, String> reported();

    /** How values are written in text, as the settings are now. */
    TextStyle style();

    /** How long a statement may take. */
    Duration statementTimeout();
}
