package io.walrelay.proxy.upstream;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage.DataRow;
import io.walrelay.wire.message.BackendMessage.RowDescription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a replication command answered.
 *
 * @param rows of its result sets, in order; no command has two that both matter
 * @param tags of its CommandComplete messages
 */
public record CommandResult(List<DataRow> rows, List<String> tags) {
    /** Copies the lists. */
    public CommandResult {
        rows = List.copyOf(rows);
        tags = List.copyOf(tags);
    }

    /**
     * The one row of a command that has one.
     *
     * @throws PgException 08P01 if there is not exactly one, or it has fewer than {@code columns} columns
     */
    public DataRow row(int columns) {
        if (rows.size() != 1 || rows.getFirst().values().size() < columns) {
            int fields = rows.isEmpty() ? 0 : rows.getFirst().values().size();
            throw PgException.error(SqlState.PROTOCOL_VIOLATION, "invalid response from primary server")
                    .withDetail("Got " + rows.size() + " rows and " + fields + " fields, expected 1 row and " + columns
                            + " or more fields.");
        }
        return rows.getFirst();
    }

    /** Gathers the messages of one command. */
    static final class Builder {
        private final List<DataRow> rows = new ArrayList<>();
        private final List<String> tags = new ArrayList<>();
        private @Nullable PgException error;

        void begin(RowDescription description) {
            rows.clear();
        }

        void row(DataRow row) {
            rows.add(row);
        }

        void tag(String tag) {
            tags.add(tag);
        }

        void error(PgException failure) {
            error = failure;
        }

        /**
         * Why the command will not be completed: what the upstream said of it before the connection went, if anything.
         */
        PgException errorOr(PgException lost) {
            return error == null ? lost : error;
        }

        /** @throws PgException the upstream's error, if it sent one */
        CommandResult build() {
            if (error != null) {
                throw error;
            }
            return new CommandResult(rows, tags);
        }
    }
}
