package io.walrelay.proxy.query;

import io.walrelay.proxy.console.ConsoleResult;
import io.walrelay.proxy.console.ConsoleStatement;
import io.walrelay.proxy.query.format.TextStyle;
import io.walrelay.proxy.query.format.ValueFormat;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.Column;
import io.walrelay.wire.message.ErrorFields;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement with its parameters, which runs when it is executed for the first time, and gives its rows in as many
 * goes as it is asked for. A simple query is a portal, too. Mirrors {@code PortalRun}.
 */
final class Portal implements AutoCloseable {
    private final String name;
    private final ConsoleStatement statement;
    private final List<? extends @Nullable Object> parameters;
    private final List<Column> columns;
    private @Nullable ConsoleResult result;
    private TextStyle style = TextStyle.DEFAULT;
    private Stage stage = Stage.NEW;

    private enum Stage {
        NEW,
        RUNNING,
        DONE
    }

    Portal(String name, ConsoleStatement statement, List<? extends @Nullable Object> parameters, List<Column> columns) {
        this.name = name;
        this.statement = statement;
        this.parameters = parameters;
        this.columns = columns;
    }

    BackendMessage rows() {
        return Prepared.description(columns);
    }

    boolean givesRows() {
        return !columns.isEmpty();
    }

    boolean isEmpty() {
        return statement.isEmpty();
    }

    /** Runs it, if it does not run yet. */
    void start(TextStyle textStyle, ClientOutput out) {
        switch (stage) {
            case NEW -> {
                style = textStyle;
                ConsoleResult begun = statement.execute(parameters);
                result = begun;
                stage = Stage.RUNNING;
                begun.notices()
                        .forEach(notice -> out.send(new BackendMessage.NoticeResponse(ErrorFields.from(notice))));
            }
            case RUNNING -> {}
            case DONE -> {
                if (!givesRows()) {
                    throw PgException.error(
                            SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "portal \"" + name + "\" cannot be run");
                }
            }
        }
    }

    /** The next row; null if there is none. */
    @Nullable
    BackendMessage next() {
        ConsoleResult rows = result;
        if (rows == null || stage == Stage.DONE || !givesRows() || !rows.next()) {
            return null;
        }
        List<byte @Nullable []> values = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Object value = rows.value(i);
            Column column = columns.get(i);
            values.add(value == null ? null : ValueFormat.of(column.format()).write(value, column.typeOid(), style));
        }
        return new BackendMessage.DataRow(Collections.unmodifiableList(values));
    }

    /** All rows have been given. */
    BackendMessage complete(long rows) {
        ConsoleResult ended = result;
        stage = Stage.DONE;
        return new BackendMessage.CommandComplete(ended == null ? "SELECT 0" : ended.commandTag(rows));
    }

    @Override
    public void close() {
        ConsoleResult open = result;
        stage = Stage.DONE;
        if (open != null) {
            open.close();
        }
    }
}
