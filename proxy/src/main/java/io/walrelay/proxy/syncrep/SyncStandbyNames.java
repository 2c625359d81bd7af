package io.walrelay.proxy.syncrep;

import java.util.List;
import java.util.Optional;

/**
 * A value of {@code synchronous_standby_names} (PostgreSQL's {@code SyncRepConfigData}).
 *
 * @param numSync how many standbys have to confirm, at least 1
 * @param members application names in their order; {@code *} stands for any
 * @see <a href="https://www.postgresql.org/docs/15/runtime-config-replication.html">synchronous_standby_names</a>
 */
public record SyncStandbyNames(SyncMethod method, int numSync, List<String> members) {
    private static final String ANY_NAME = "*";

    public SyncStandbyNames {
        members = List.copyOf(members);
    }

    /**
     * Reads a value.
     *
     * @return empty for the empty text: there are no synchronous standbys
     * @throws StandbyNamesException with PostgreSQL's words
     */
    public static Optional<SyncStandbyNames> parse(String text) throws StandbyNamesException {
        return text.isEmpty() ? Optional.empty() : Optional.of(StandbyNamesGrammar.parse(text));
    }

    /**
     * The priority of a standby ({@code SyncRepGetStandbyPriority}): its place in the list, from 1 on, or 1 for all in
     * a quorum; 0 if it is not in the list.
     */
    public int priority(String applicationName) {
        for (int i = 0; i < members.size(); i++) {
            String member = members.get(i);
            if (member.equals(ANY_NAME) || equalsIgnoringAsciiCase(member, applicationName)) {
                return switch (method) {
                    case PRIORITY -> i + 1;
                    case QUORUM -> 1;
                };
            }
        }
        return 0;
    }

    /** {@code pg_strcasecmp} in a multi-byte encoding: only the letters of ASCII have a case. */
    private static boolean equalsIgnoringAsciiCase(String one, String other) {
        if (one.length() != other.length()) {
            return false;
        }
        for (int i = 0; i < one.length(); i++) {
            if (lower(one.charAt(i)) != lower(other.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }
}
