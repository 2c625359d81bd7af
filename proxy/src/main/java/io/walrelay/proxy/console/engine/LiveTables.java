package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.ConsoleClient;
import io.walrelay.proxy.console.catalog.LiveRows;
import io.walrelay.proxy.console.catalog.Relation;
import io.walrelay.proxy.console.state.RelayState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The relations whose rows are computed for each statement: temporary tables of one session, filled before the
 * statement and emptied after it, so that all of a statement sees the same moment.
 */
final class LiveTables {
    private final Database database;
    private final Connection connection;
    private final Set<Relation> created = new HashSet<>();

    LiveTables(Database database, Connection connection) {
        this.database = database;
        this.connection = connection;
    }

    /** Sees to it that the relations exist. */
    void declare(Collection<Relation> relations) throws SQLException {
        for (Relation relation : relations) {
            if (!LiveRows.isLive(relation)) {
                database.create(relation);
            } else if (created.add(relation)) {
                execute("CREATE LOCAL TEMPORARY TABLE " + Database.definition(relation) + " NOT PERSISTENT");
            }
        }
    }

    /** Computes the rows. */
    void fill(Collection<Relation> relations, RelayState relay, ConsoleClient client) throws SQLException {
        for (Relation relation : relations) {
            if (LiveRows.isLive(relation)) {
                Database.insert(connection, relation, LiveRows.of(relation, relay, client));
            }
        }
    }

    /** Forgets the rows. */
    void clear(Collection<Relation> relations) throws SQLException {
        for (Relation relation : relations) {
            if (LiveRows.isLive(relation)) {
                execute("TRUNCATE TABLE \"" + relation.key() + "\"");
            }
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
