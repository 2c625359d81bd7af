package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.ConsoleResult;
import io.walrelay.proxy.console.ConsoleStatement;
import io.walrelay.proxy.console.translate.Translated;
import io.walrelay.proxy.console.type.PgType;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.Column;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A query. It is given to the engine for each execution, so that a session holds nothing between them. */
final class QueryStatement implements ConsoleStatement {
    private final SqlSession session;
    private final Translated query;

    /** @throws PgException if the engine refuses it */
    QueryStatement(SqlSession session, Translated query) {
        this.session = session;
        this.query = query;
        try {
            session.tables().declare(query.relations());
            session.connection().prepareStatement(query.sql()).close();
        } catch (SQLException e) {
            throw EngineErrors.of(e, null);
        }
    }

    Translated query() {
        return query;
    }

    @Override
    public int[] parameterTypes() {
        return query.parameters().stream().mapToInt(PgType::oid).toArray();
    }

    @Override
    public List<Column> columns() {
        return query.columns().stream()
                .map(column -> new Column(
                        column.name(),
                        column.tableOid(),
                        (short) column.attribute(),
                        column.type().oid(),
                        column.type().length(),
                        -1,
                        (short) 0))
                .toList();
    }

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public ConsoleResult execute(List<? extends @Nullable Object> parameters) {
        return session.guarded(() -> admitted(parameters));
    }

    private ConsoleResult admitted(List<? extends @Nullable Object> parameters) {
        Execution execution = new Execution(session, query.bodies());
        session.running(execution);
        try {
            return executed(execution, parameters);
        } finally {
            session.running(null);
            session.transaction().statementEnded(session.client().settings());
        }
    }

    private ConsoleResult executed(Execution execution, List<? extends @Nullable Object> parameters) {
        execution.begin();
        try {
            session.tables().fill(query.relations(), session.relay(), session.client());
            return run(execution, parameters);
        } catch (SQLException e) {
            throw EngineErrors.of(e, execution);
        } finally {
            execution.end();
            clear();
        }
    }

    private void clear() {
        try {
            session.tables().clear(query.relations());
        } catch (SQLException e) {
            throw EngineErrors.of(e, null);
        }
    }

    @SuppressWarnings("resource") // the result takes the statement over
    private ConsoleResult run(Execution execution, List<? extends @Nullable Object> parameters) throws SQLException {
        PreparedStatement statement = session.connection().prepareStatement(query.sql());
        try (Watchdog.Watch watch = session.watchdog().watch(execution, statement, session.statementTimeout())) {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setObject(i + 1, Values.toEngine(parameters.get(i)));
            }
            int most = session.console().limits().rows();
            statement.setMaxRows(most + 1L > Integer.MAX_VALUE ? 0 : most + 1);
            ResultSet rows = statement.executeQuery();
            long allocated = watch.allocated();
            session.console().hold(allocated);
            return new QueryResult(session, statement, rows, query.columns(), allocated, execution.notices());
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }
}
