package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.ConsoleResult;
import io.walrelay.proxy.console.ConsoleSettings;
import io.walrelay.proxy.console.ConsoleStatement;
import io.walrelay.proxy.console.sql.SqlStatement;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A statement that needs no engine: settings, transactions. */
final class UtilityStatement implements ConsoleStatement {
    private final SqlSession session;
    private final SqlStatement statement;
    private final Optional<QueryStatement> explained;

    UtilityStatement(SqlSession session, SqlStatement statement) {
        this(session, statement, Optional.empty());
    }

    private UtilityStatement(SqlSession session, SqlStatement statement, Optional<QueryStatement> explained) {
        this.session = session;
        this.statement = statement;
        this.explained = explained;
        // Errors in names belong to the time of preparation.
        if (statement instanceof SqlStatement.Show show) {
            session.client().settings().show(show.name());
        }
    }

    static UtilityStatement explain(SqlSession session, QueryStatement query) {
        return new UtilityStatement(session, new SqlStatement.Empty(), Optional.of(query));
    }

    @Override
    public int[] parameterTypes() {
        return explained.map(QueryStatement::parameterTypes).orElse(new int[0]);
    }

    @Override
    public List<Column> columns() {
        if (explained.isPresent()) {
            return List.of(Column.text("QUERY PLAN"));
        }
        return switch (statement) {
            case SqlStatement.Show show ->
                List.of(Column.text(
                        session.client().settings().show(show.name()).name()));
            case SqlStatement.ShowAll all ->
                List.of(Column.text("name"), Column.text("setting"), Column.text("description"));
            default -> List.of();
        };
    }

    @Override
    public boolean isEmpty() {
        return statement instanceof SqlStatement.Empty && explained.isEmpty();
    }

    @Override
    public ConsoleResult execute(List<? extends @Nullable Object> parameters) {
        return session.guarded(this::executed);
    }

    private ConsoleResult executed() {
        if (explained.isPresent()) {
            return new FixedResult(
                    List.of(List.of("Engine query: " + explained.get().query().sql())), "EXPLAIN");
        }
        ConsoleSettings settings = session.client().settings();
        Transaction transaction = session.transaction();
        return switch (statement) {
            case SqlStatement.Show show ->
                new FixedResult(List.of(List.of(settings.show(show.name()).value())), "SHOW");
            case SqlStatement.ShowAll all ->
                new FixedResult(
                        settings.showAll().stream()
                                .map(row -> List.of(row.name(), row.value(), row.description()))
                                .toList(),
                        "SHOW");
            case SqlStatement.Set set -> set(set, settings, transaction);
            case SqlStatement.SetTransaction set -> {
                requireReadOnly(set.modes());
                yield new FixedResult("SET");
            }
            case SqlStatement.Reset reset -> {
                reset.name().ifPresentOrElse(settings::reset, settings::resetAll);
                yield new FixedResult("RESET");
            }
            case SqlStatement.Begin begin -> {
                requireReadOnly(begin.modes());
                boolean open = transaction.status() == 'T';
                if (!open) {
                    transaction.begin(settings);
                }
                yield new FixedResult(
                        begin.tag(), open ? warning("25001", "there is already a transaction in progress") : List.of());
            }
            case SqlStatement.Commit commit -> {
                boolean none = transaction.status() == 'I';
                boolean committed = transaction.commit(settings);
                yield new FixedResult(
                        committed ? "COMMIT" : "ROLLBACK",
                        none ? warning("25P01", "there is no transaction in progress") : List.of());
            }
            case SqlStatement.Rollback rollback -> {
                boolean none = transaction.status() == 'I';
                transaction.rollback(settings);
                yield new FixedResult(
                        "ROLLBACK", none ? warning("25P01", "there is no transaction in progress") : List.of());
            }
            case SqlStatement.Discard discard -> {
                if (discard.what().equals("ALL")) {
                    settings.resetAll();
                }
                yield new FixedResult("DISCARD " + discard.what());
            }
            case SqlStatement.Unlisten nothing -> new FixedResult("UNLISTEN");
            case SqlStatement.Deallocate deallocate ->
                new FixedResult(deallocate.name().isEmpty() ? "DEALLOCATE ALL" : "DEALLOCATE");
            default -> new FixedResult("");
        };
    }

    private static ConsoleResult set(SqlStatement.Set set, ConsoleSettings settings, Transaction transaction) {
        List<PgException> notices = new ArrayList<>();
        if (set.local() && transaction.status() == 'I') {
            notices.addAll(warning("25P01", "SET LOCAL can only be used in transaction blocks"));
            return new FixedResult("SET", notices);
        }
        if (set.local()) {
            transaction.settingsAreLocal(settings);
        }
        set.value().ifPresentOrElse(value -> settings.set(set.name(), value), () -> settings.reset(set.name()));
        return new FixedResult("SET", notices);
    }

    private static List<PgException> warning(String state, String message) {
        return List.of(new PgException(Severity.WARNING, SqlState.of(state), message, null, null, null));
    }

    /** As a standby answers. */
    private static void requireReadOnly(List<String> modes) {
        if (modes.contains("read write")) {
            throw PgException.error(
                    SqlState.FEATURE_NOT_SUPPORTED, "cannot set transaction read-write mode during recovery");
        }
        if (modes.contains("isolation level serializable")) {
            throw PgException.error(SqlState.FEATURE_NOT_SUPPORTED, "cannot use serializable mode in a hot standby")
                    .withHint("You can use REPEATABLE READ instead.");
        }
    }
}
