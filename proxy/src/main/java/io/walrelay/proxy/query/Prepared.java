package io.walrelay.proxy.query;

import io.walrelay.proxy.console.ConsoleStatement;
import io.walrelay.proxy.query.format.TextStyle;
import io.walrelay.proxy.query.format.ValueFormat;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.Column;
import io.walrelay.wire.message.FrontendMessage.Extended.Bind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A prepared statement, and what Bind makes of it. Mirrors {@code exec_bind_message}. */
record Prepared(String name, ConsoleStatement statement) {
    BackendMessage parameters() {
        return new BackendMessage.ParameterDescription(
                Arrays.stream(statement.parameterTypes()).boxed().toList());
    }

    /** The result in text; how it really comes is told of the portal. */
    BackendMessage rows() {
        return description(statement.columns());
    }

    static BackendMessage description(List<Column> columns) {
        return columns.isEmpty() ? new BackendMessage.NoData() : new BackendMessage.RowDescription(columns);
    }

    /** @throws PgException if there are other parameters than the statement has, or a value is none of its type */
    Portal bind(Bind bind, TextStyle style) {
        int[] types = statement.parameterTypes();
        int given = bind.parameters().size();
        if (bind.parameterFormats().size() > 1 && bind.parameterFormats().size() != given) {
            throw violation("bind message has " + bind.parameterFormats().size() + " parameter formats but " + given
                    + " parameters");
        }
        if (given != types.length) {
            throw violation("bind message supplies " + given + " parameters, but prepared statement \"" + name
                    + "\" requires " + types.length);
        }
        List<@Nullable Object> values = new ArrayList<>(given);
        for (int i = 0; i < given; i++) {
            byte[] value = bind.parameters().get(i);
            values.add(value == null ? null : format(bind.parameterFormats(), i).read(value, types[i], style));
        }
        return new Portal(bind.portal(), statement, values, columns(bind.resultFormats()));
    }

    private List<Column> columns(List<Short> formats) {
        List<Column> columns = statement.columns();
        if (formats.size() > 1 && formats.size() != columns.size()) {
            throw violation("bind message has " + formats.size() + " result formats but query has " + columns.size()
                    + " columns");
        }
        List<Column> formatted = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            formatted.add(columns.get(i).withFormat(format(formats, i).code()));
        }
        return formatted;
    }

    /** None means all in text, one means all alike. */
    private static ValueFormat format(List<Short> formats, int i) {
        return formats.isEmpty() ? ValueFormat.TEXT : ValueFormat.of(formats.get(formats.size() == 1 ? 0 : i));
    }

    private static PgException violation(String words) {
        return PgException.error(SqlState.PROTOCOL_VIOLATION, words);
    }
}
