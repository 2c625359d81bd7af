package io.walrelay.proxy.hba;

/** One element of the database or user field. */
sealed interface NameMatch {
    boolean matches(ConnectionAttempt attempt, String name);

    /** As {@code pg_hba_file_rules} shows it. */
    default String shown() {
        return switch (this) {
            case All all -> "all";
            case Replication replication -> "replication";
            case SameUser same -> "sameuser";
            case Exactly exactly -> exactly.expected();
        };
    }

    /** {@code all}: every name. For databases, no physical replication connection. */
    record All() implements NameMatch {
        @Override
        public boolean matches(ConnectionAttempt attempt, String name) {
            return true;
        }
    }

    /** {@code replication}: physical replication connections and nothing else. */
    record Replication() implements NameMatch {
        @Override
        public boolean matches(ConnectionAttempt attempt, String name) {
            return attempt.replication();
        }
    }

    /** {@code sameuser}: the database that has the user's name. */
    record SameUser() implements NameMatch {
        @Override
        public boolean matches(ConnectionAttempt attempt, String name) {
            return attempt.user().equals(name);
        }
    }

    /** Exactly this name. */
    record Exactly(String expected) implements NameMatch {
        @Override
        public boolean matches(ConnectionAttempt attempt, String name) {
            return expected.equals(name);
        }
    }
}
