package io.walrelay.proxy.console.engine;

import io.walrelay.proxy.console.catalog.Catalog;
import io.walrelay.proxy.console.catalog.Relation;
import io.walrelay.proxy.console.catalog.StaticRows;
import io.walrelay.proxy.console.function.Procedures;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.h2.Driver;
import org.jspecify.annotations.Nullable;

/**
 * One engine, for one major version: a database in memory that no other program and no other part of this one can
 * connect to. Relations are created when a statement first reads them.
 */
final class Database implements AutoCloseable {
    private static final String OPTIONS = ";DB_CLOSE_DELAY=-1;DATABASE_TO_UPPER=FALSE;DEFAULT_NULL_ORDERING=HIGH"
            + ";TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0;LOCK_TIMEOUT=10000";

    private final Catalog catalog;
    private final String url;
    private final Properties credentials = new Properties();
    private final Connection keeper;
    private final Set<Relation> created = new HashSet<>();

    Database(int major) throws SQLException {
        this.catalog = Catalog.of(major);
        this.url = "jdbc:h2:mem:walrelay-" + UUID.randomUUID() + OPTIONS;
        credentials.setProperty("user", "walrelay");
        credentials.setProperty("password", UUID.randomUUID().toString());
        this.keeper = connect();
        try (Statement statement = keeper.createStatement()) {
            for (String declaration : Calls.declarations()) {
                statement.execute(declaration);
            }
        }
    }

    Catalog catalog() {
        return catalog;
    }

    /** A connection for one session. */
    Connection connect() throws SQLException {
        return new Driver().connect(url, credentials);
    }

    /** Creates and fills a relation that stays the same; does nothing if it is there. */
    synchronized void create(Relation relation) throws SQLException {
        if (!created.add(relation)) {
            return;
        }
        try (Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE " + definition(relation));
            insert(keeper, relation, rows(relation));
            for (Relation.Field field : relation.fields()) {
                boolean key = field.name().equals("oid") || field.name().equals("attrelid");
                if (key) {
                    statement.execute("CREATE INDEX ON \"" + relation.key() + "\"(\"" + field.name() + "\")");
                }
            }
        }
    }

    private List<Map<String, @Nullable Object>> rows(Relation relation) {
        return relation.key().equals("pg_catalog.pg_proc")
                ? StaticRows.filled(relation, Procedures.rows())
                : StaticRows.of(catalog, relation);
    }

    /** Name and columns. */
    static String definition(Relation relation) {
        StringBuilder sql = new StringBuilder("\"" + relation.key() + "\"(");
        String separator = "";
        for (Relation.Field field : relation.fields()) {
            sql.append(separator)
                    .append('"')
                    .append(field.name())
                    .append("\" ")
                    .append(field.type().sql());
            separator = ", ";
        }
        return sql.append(')').toString();
    }

    /** Adds rows, given by the names of their columns; a column that a row does not name is null. */
    static void insert(Connection connection, Relation relation, List<Map<String, @Nullable Object>> rows)
            throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        String marks = "?, ".repeat(relation.fields().size() - 1) + "?";
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO \"" + relation.key() + "\" VALUES (" + marks + ")")) {
            for (Map<String, @Nullable Object> row : rows) {
                int index = 0;
                for (Relation.Field field : relation.fields()) {
                    insert.setObject(++index, Values.toEngine(row.get(field.name())));
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    @Override
    public void close() throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            statement.execute("SHUTDOWN IMMEDIATELY");
        }
    }
}
