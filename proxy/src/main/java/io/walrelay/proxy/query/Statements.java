package io.walrelay.proxy.query;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.HashMap;
import java.util.Map;

/**
 * The prepared statements and portals of a session, by name; the unnamed ones have the empty name. Bounded in number.
 */
final class Statements {
    /** More than any driver caches for a connection. */
    static final int MOST = 1000;

    private final Map<String, Prepared> statements = new HashMap<>();
    private final Map<String, Portal> portals = new HashMap<>();

    void requireNew(String statement) {
        if (!statement.isEmpty() && statements.containsKey(statement)) {
            throw PgException.error(
                    SqlState.DUPLICATE_PSTATEMENT, "prepared statement \"" + statement + "\" already exists");
        }
        requireRoom(statements, statement);
    }

    private static void requireRoom(Map<String, ?> named, String name) {
        if (named.size() >= MOST && !named.containsKey(name)) {
            throw PgException.error(SqlState.OUT_OF_MEMORY, "too many prepared statements or portals in one session")
                    .withDetail("The limit is " + MOST + ".");
        }
    }

    void add(Prepared prepared) {
        statements.put(prepared.name(), prepared);
    }

    void add(String name, Portal portal) {
        closePortal(name);
        portals.put(name, portal);
    }

    void requireNewPortal(String name) {
        if (!name.isEmpty() && portals.containsKey(name)) {
            throw PgException.error(SqlState.DUPLICATE_CURSOR, "cursor \"" + name + "\" already exists");
        }
        requireRoom(portals, name);
    }

    Prepared statement(String name) {
        Prepared found = statements.get(name);
        if (found == null) {
            throw PgException.error(
                    SqlState.INVALID_SQL_STATEMENT_NAME,
                    name.isEmpty()
                            ? "unnamed prepared statement does not exist"
                            : "prepared statement \"" + name + "\" does not exist");
        }
        return found;
    }

    Portal portal(String name) {
        Portal found = portals.get(name);
        if (found == null) {
            throw PgException.error(SqlState.INVALID_CURSOR_NAME, "portal \"" + name + "\" does not exist");
        }
        return found;
    }

    void closeStatement(String name) {
        statements.remove(name);
    }

    void closePortal(String name) {
        Portal old = portals.remove(name);
        if (old != null) {
            old.close();
        }
    }

    /** The end of a transaction. */
    void closePortals() {
        portals.values().forEach(Portal::close);
        portals.clear();
    }
}
