package io.walrelay.proxy.console;

import io.walrelay.wire.message.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement that has been made ready; belongs to the session that prepared it. */
public interface ConsoleStatement {
    /** Type OIDs of the parameters, all known. */
    int[] parameterTypes();

    /** The result's columns, in text format; empty if it gives no rows at all. */
    List<Column> columns();

    /** Whether the text held no statement: EmptyQueryResponse. */
    boolean isEmpty();

    /**
     * Runs it.
     *
     * @param parameters decoded to the Java types of {@link ConsoleResult#value}
     * @throws io.walrelay.wire.error.PgException with PostgreSQL's SQLSTATE and message
     */
    ConsoleResult execute(List<? extends @Nullable Object> parameters);
}
