package io.walrelay.proxy.console.catalog;

import io.walrelay.proxy.console.state.RoleState;
import java.util.List;

/**
 * The OIDs of roles, which have none of their own: the bootstrap superuser's, and others by their place in the list.
 */
public final class Roles {
    /** Owner of all that PostgreSQL itself brings along. */
    public static final long OWNER = 10;

    private static final long FIRST = 16_385;

    private Roles() {}

    /** The OID of the role at this place in the list of roles. */
    public static long oid(int index) {
        return FIRST + index;
    }

    /** The OID of a role; 0 for one that is not listed. */
    public static long oid(List<RoleState> roles, String name) {
        for (int i = 0; i < roles.size(); i++) {
            if (roles.get(i).name().equals(name)) {
                return oid(i);
            }
        }
        return name.equals("walrelay") ? OWNER : 0;
    }

    /** {@code pg_get_userbyid}. */
    public static String name(List<RoleState> roles, long oid) {
        if (oid == OWNER) {
            return "walrelay";
        }
        long index = oid - FIRST;
        return index >= 0 && index < roles.size() ? roles.get((int) index).name() : "unknown (OID=" + oid + ")";
    }
}
