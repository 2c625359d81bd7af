package io.walrelay.proxy.console.engine;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.sql.SQLException;
import org.h2.api.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine's errors in PostgreSQL's words. Most are found before the engine sees a statement; these are the rest. */
final class EngineErrors {
    private static final Logger log = LoggerFactory.getLogger(EngineErrors.class);

    private EngineErrors() {}

    /** @param execution that it came from, which knows why it was stopped */
    static PgException of(SQLException failure, @Nullable Execution execution) {
        PgException reason = execution == null ? null : execution.reason();
        if (reason != null) {
            return reason;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PgException own) {
                return own;
            }
            if (cause instanceof StackOverflowError) {
                return tooDeep();
            }
            if (cause instanceof OutOfMemoryError) {
                return PgException.error(SqlState.OUT_OF_MEMORY, "out of memory");
            }
        }
        return translated(failure);
    }

    static PgException tooDeep() {
        return PgException.error(SqlState.of("54001"), "stack depth limit exceeded");
    }

    private static PgException translated(SQLException failure) {
        return switch (failure.getErrorCode()) {
            case ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE_1, ErrorCode.NUMERIC_VALUE_OUT_OF_RANGE_2 ->
                PgException.error(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value out of range");
            case ErrorCode.DIVISION_BY_ZERO_1 -> PgException.error(SqlState.of("22012"), "division by zero");
            case ErrorCode.SCALAR_SUBQUERY_CONTAINS_MORE_THAN_ONE_ROW ->
                PgException.error(
                        SqlState.of("21000"), "more than one row returned by a subquery used as an expression");
            case ErrorCode.MUST_GROUP_BY_COLUMN_1 ->
                PgException.error(
                        SqlState.of("42803"),
                        "column \"" + lastName(failure.getMessage())
                                + "\" must appear in the GROUP BY clause or be used in an aggregate function");
            case ErrorCode.INVALID_USE_OF_AGGREGATE_FUNCTION_1 ->
                PgException.error(SqlState.of("42803"), "aggregate functions are not allowed here");
            case ErrorCode.STATEMENT_WAS_CANCELED ->
                PgException.error(SqlState.QUERY_CANCELED, "canceling statement due to user request");
            default -> {
                log.warn("a console statement failed: {}", failure.getMessage());
                yield PgException.error(SqlState.FEATURE_NOT_SUPPORTED, "walrelay cannot carry out this statement")
                        .withDetail(firstLine(failure.getMessage()))
                        .withCause(failure);
            }
        };
    }

    private static String firstLine(@Nullable String message) {
        String text = String.valueOf(message);
        int end = text.indexOf("; SQL statement");
        return (end < 0 ? text : text.substring(0, end)).lines().findFirst().orElse("");
    }

    /** The name in {@code "t1.pid"}. */
    private static String lastName(@Nullable String message) {
        String text = firstLine(message);
        int end = text.lastIndexOf('"');
        int begin = text.lastIndexOf('.', end);
        return begin < 0 || end < begin ? "?" : text.substring(begin + 1, end);
    }
}
