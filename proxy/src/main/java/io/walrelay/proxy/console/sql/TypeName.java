package io.walrelay.proxy.console.sql;

import java.util.List;

/**
 * A type as it is written.
 *
 * @param names schema and name, or the name alone; SQL's names already in PostgreSQL's ({@code integer} is {@code
 *     int4})
 * @param modifiers in parentheses
 * @param array whether brackets follow
 */
public record TypeName(int at, List<String> names, List<Integer> modifiers, boolean array) {
    /** The name without its schema. */
    public String name() {
        return names.get(names.size() - 1);
    }
}
