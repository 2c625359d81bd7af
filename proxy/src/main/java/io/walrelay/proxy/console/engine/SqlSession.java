package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.ConsoleSession;
import io.walrelay.proxy.console.ConsoleStatement;
import io.walrelay.proxy.console.sql.PgRefusals;
import io.walrelay.proxy.console.sql.SqlStatement;
import io.walrelay.proxy.console.sql.StatementParser;
import io.walrelay.proxy.console.sql.StatementSplitter;
import io.walrelay.proxy.console.state.BackendState;
import io.walrelay.proxy.console.state.RelayControl;
import io.walrelay.proxy.console.state.RelayState;
import io.walrelay.proxy.console.translate.Translated;
import io.walrelay.proxy.console.translate.Translator;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session: what it is asked goes to the parser, then to the engine or to the statements that need none. */
final class SqlSession implements ConsoleSession {
    private static final Logger log = LoggerFactory.getLogger(SqlSession.class);

    /** {@code track_activity_query_size}. */
    private static final int LONGEST_SHOWN = 1024;

    private final EmbeddedConsole console;
    private final Database database;
    private final ConsoleClient client;
    private final RelayState relay;
    private final RelayControl control;
    private final Watchdog watchdog;
    private final Connection connection;
    private final LiveTables tables;
    private final Transaction transaction = new Transaction();
    private volatile @Nullable Execution running;
    private volatile String lastQuery = "";
    private volatile Optional<Instant> queryStarted = Optional.empty();

    SqlSession(
            EmbeddedConsole console,
            Database database,
            ConsoleClient client,
            RelayState relay,
            RelayControl control,
            Watchdog watchdog)
            throws SQLException {
        this.console = console;
        this.database = database;
        this.client = client;
        this.relay = relay;
        this.control = control;
        this.watchdog = watchdog;
        this.connection = database.connect();
        this.tables = new LiveTables(database, connection);
    }

    EmbeddedConsole console() {
        return console;
    }

    Database database() {
        return database;
    }

    ConsoleClient client() {
        return client;
    }

    RelayState relay() {
        return relay;
    }

    RelayControl control() {
        return control;
    }

    Watchdog watchdog() {
        return watchdog;
    }

    Connection connection() {
        return connection;
    }

    LiveTables tables() {
        return tables;
    }

    Transaction transaction() {
        return transaction;
    }

    /** Of the setting TimeZone; UTC where it names none that Java knows. */
    ZoneId zone() {
        try {
            return ZoneId.of(client.settings().show("timezone").value());
        } catch (PgException | java.time.DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }

    /** Of the setting statement_timeout; zero for none. */
    Duration statementTimeout() {
        try {
            return Timeouts.parse(client.settings().show("statement_timeout").value());
        } catch (PgException e) {
            return Duration.ZERO;
        }
    }

    @Override
    public List<String> statements(String query) {
        return guarded(() -> {
            List<String> statements = StatementSplitter.split(query);
            requireSyntax(query, statements);
            return statements;
        });
    }

    /** As in PostgreSQL, none is carried out where one of them is no statement. */
    private static void requireSyntax(String query, List<String> statements) {
        int offset = 0;
        for (String statement : statements) {
            offset = query.indexOf(statement, offset);
            try {
                StatementParser.parse(statement);
            } catch (PgException refused) {
                if (refused.sqlState().equals(SqlState.SYNTAX_ERROR)) {
                    throw refused.position().isPresent()
                            ? refused.withPosition(refused.position().getAsInt() + query.codePointCount(0, offset))
                            : refused;
                }
                // What is no error of syntax is told when its turn comes.
                return;
            }
            offset += statement.length();
        }
    }

    @Override
    public ConsoleStatement prepare(String sql, int[] parameterTypeOids) {
        lastQuery = sql.length() > LONGEST_SHOWN ? sql.substring(0, LONGEST_SHOWN) : sql;
        return guarded(() -> prepared(sql, parameterTypeOids));
    }

    private ConsoleStatement prepared(String sql, int[] parameterTypeOids) {
        SqlStatement statement = StatementParser.parse(sql);
        boolean ends = statement instanceof SqlStatement.Commit
                || statement instanceof SqlStatement.Rollback
                || statement instanceof SqlStatement.Empty;
        if (transaction.status() == 'E' && !ends) {
            throw PgException.error(
                    SqlState.IN_FAILED_SQL_TRANSACTION,
                    "current transaction is aborted, commands ignored until end of transaction block");
        }
        return switch (statement) {
            case SqlStatement.Rows rows -> {
                Translated translated =
                        Translator.translate(sql, rows.query(), database.catalog(), zone(), parameterTypeOids);
                yield new QueryStatement(this, translated);
            }
            case SqlStatement.Explain explain -> {
                Translated translated =
                        Translator.translate(sql, explain.query(), database.catalog(), zone(), parameterTypeOids);
                yield UtilityStatement.explain(this, new QueryStatement(this, translated));
            }
            case SqlStatement.ReadOnlyViolation change -> throw PgRefusals.readOnly(change.tag());
            case SqlStatement.RecoveryViolation change -> throw PgRefusals.recovery(change.tag());
            case SqlStatement.Unsupported unsupported -> throw PgRefusals.unsupported(unsupported.tag());
            default -> new UtilityStatement(this, statement);
        };
    }

    /** Runs something that may fail: then a transaction block fails too. */
    <T> T guarded(Supplier<T> action) {
        try {
            return action.get();
        } catch (PgException e) {
            transaction.fail();
            throw e;
        } catch (StackOverflowError e) {
            transaction.fail();
            throw EngineErrors.tooDeep();
        } catch (RuntimeException e) {
            transaction.fail();
            log.error("a console statement failed", e);
            throw PgException.error(SqlState.INTERNAL_ERROR, "unexpected failure of the console")
                    .withCause(e);
        }
    }

    void running(@Nullable Execution execution) {
        running = execution;
        queryStarted = execution == null ? queryStarted : Optional.of(execution.statementStart());
    }

    /** What {@code pg_stat_activity} shows of it. Any thread. */
    BackendState backend() {
        boolean idle = running == null;
        String inTransaction = switch (transaction.status()) {
            case 'T' -> "idle in transaction";
            case 'E' -> "idle in transaction (aborted)";
            default -> "idle";
        };
        return new BackendState(
                client.pid(),
                "client backend",
                Optional.of(client.user()),
                Optional.of(client.database()),
                applicationName(),
                client.remoteAddress().map(ConsoleClient.Address::host),
                client.remoteAddress().map(ConsoleClient.Address::port).orElse(-1),
                client.started(),
                transaction.started(),
                queryStarted,
                queryStarted,
                idle ? inTransaction : "active",
                lastQuery,
                client.tls());
    }

    private String applicationName() {
        try {
            return client.settings().show("application_name").value();
        } catch (PgException e) {
            return "";
        }
    }

    @Override
    public char transactionStatus() {
        return transaction.status();
    }

    /** As in PostgreSQL, any error takes the temporary slots with it ({@code PostgresMain}). */
    @Override
    public void failTransaction() {
        transaction.fail();
        control.dropTemporarySlots(client.pid());
    }

    @Override
    public void cancel() {
        Execution execution = running;
        if (execution != null) {
            execution.stop(PgException.error(SqlState.QUERY_CANCELED, "canceling statement due to user request"));
        }
    }

    @Override
    public void close() {
        console.closed(this);
        // A statement may have made one after the client had left.
        control.dropTemporarySlots(client.pid());
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("could not close a console session: {}", e.getMessage());
        }
    }
}
