package io.walrelay.proxy.console.translate;

import io.walrelay.proxy.console.catalog.Relation;
import io.walrelay.proxy.console.type.PgType;
import java.util.List;
import java.util.Set;

/**
 * A query for the engine.
 *
 * @param sql with parameters {@code ?1}, {@code ?2}, ...
 * @param columns of the result
 * @param parameters types of the parameters
 * @param bodies the functions, by the number under which the SQL calls them
 * @param relations what it reads
 */
public record Translated(
        String sql, List<OutColumn> columns, List<PgType> parameters, List<BoundBody> bodies, Set<Relation> relations) {
    /** Copies. */
    public Translated {
        columns = List.copyOf(columns);
        parameters = List.copyOf(parameters);
        bodies = List.copyOf(bodies);
        relations = Set.copyOf(relations);
    }

    /** A column; {@code tableOid} and {@code attribute} are 0 where it is not one of a table. */
    public record OutColumn(String name, PgType type, int tableOid, int attribute) {}
}
