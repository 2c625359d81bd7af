package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.ConsoleResult;
import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.translate.RegTypes;
import io.walrelay.proxy.console.translate.Translated.OutColumn;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a query, which the engine holds in memory until this is closed. */
final class QueryResult implements ConsoleResult {
    private final SqlSession session;
    private final PreparedStatement statement;
    private final ResultSet rows;
    private final List<OutColumn> columns;
    private final List<PgException> notices;
    private long held;
    private int given;

    QueryResult(
            SqlSession session,
            PreparedStatement statement,
            ResultSet rows,
            List<OutColumn> columns,
            long held,
            List<PgException> notices) {
        this.session = session;
        this.statement = statement;
        this.rows = rows;
        this.columns = columns;
        this.held = held;
        this.notices = List.copyOf(notices);
    }

    @Override
    public boolean next() {
        return session.guarded(() -> {
            try {
                boolean more = rows.next();
                int most = session.console().limits().rows();
                if (more && ++given > most) {
                    throw PgException.error(SqlState.of("54000"), "a query may give " + most + " rows at most");
                }
                return more;
            } catch (SQLException e) {
                throw EngineErrors.of(e, null);
            }
        });
    }

    @Override
    public @Nullable Object value(int column) {
        PgType type = columns.get(column).type();
        try {
            Object value = Values.read(rows, column + 1, type);
            Catalog catalog = session.database().catalog();
            return value instanceof Long oid && type.isReg() ? RegTypes.name(catalog, type, oid) : value;
        } catch (SQLException e) {
            throw EngineErrors.of(e, null);
        }
    }

    @Override
    public String commandTag(long count) {
        return "SELECT " + count;
    }

    @Override
    public List<PgException> notices() {
        return notices;
    }

    @Override
    public void close() {
        session.console().release(held);
        held = 0;
        try {
            statement.close();
        } catch (SQLException e) {
            throw EngineErrors.of(e, null);
        }
    }
}
