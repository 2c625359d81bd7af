package io.walrelay.proxy.console;

import java.util.List;

/**
 * One client's session. Every method but {@link #cancel} blocks and is called on a console worker, never on an event
 * loop, one call at a time.
 */
public interface ConsoleSession extends AutoCloseable {
    /**
     * The statements of a simple Query, in order. Empty statements are left out, so an empty list is an empty query.
     *
     * @throws io.walrelay.wire.error.PgException 42601 if one of them is none; its position counts from the beginning
     *     of the whole query
     */
    List<String> statements(String query);

    /**
     * Makes ready one statement, or none (an empty query).
     *
     * @param parameterTypeOids types of {@code $1}, {@code $2}, ... as far as the client gives them; 0 to have one
     *     inferred
     * @throws io.walrelay.wire.error.PgException with PostgreSQL's SQLSTATE, message and position
     */
    ConsoleStatement prepare(String sql, int[] parameterTypeOids);

    /** {@code I} outside of a transaction block, {@code T} in one, {@code E} in one that has failed. */
    char transactionStatus();

    /**
     * The client is told of an error, be it from here or not, such as a malformed parameter: fails the transaction
     * block, if there is one, and drops temporary slots. Does not block.
     */
    void failTransaction();

    /** Any thread: the statement that runs, if one does, fails with 57014. */
    void cancel();

    /** Ends the session and what it holds. */
    @Override
    void close();
}
