package io.walrelay.proxy.console;

import io.walrelay.wire.error.PgException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one execution. Bounded: the engine refuses what would hold too much memory.
 *
 * <p>Java types of values, by type:
 *
 * <ul>
 *   <li>bool Boolean, int2 Short, int4 Integer, int8 and oid, xid Long
 *   <li>pg_lsn {@link io.walrelay.replication.Lsn}
 *   <li>float4 Float, float8 Double, numeric BigDecimal
 *   <li>bytea byte[]
 *   <li>timestamptz OffsetDateTime, timestamp LocalDateTime, date LocalDate, time LocalTime, interval Duration
 *   <li>an array a List of these, null elements included
 *   <li>text, name, varchar, inet, json, regclass (its name) and every other String
 * </ul>
 */
public interface ConsoleResult extends AutoCloseable {
    /** Goes to the next row; false when there is none. @throws PgException when the statement fails on the way */
    boolean next();

    /** The value of the current row, column 0 being the first. */
    @Nullable
    Object value(int column);

    /**
     * The CommandComplete tag: {@code SELECT 3}, {@code SET}.
     *
     * @param rows how many rows were sent
     */
    String commandTag(long rows);

    /** What NoticeResponse tells of this statement: severity WARNING or NOTICE. */
    List<PgException> notices();

    /** Releases the rows; a second call does nothing. */
    @Override
    void close();
}
