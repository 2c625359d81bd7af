package io.walrelay.proxy.hba;

/** One element of the database or user field. */
sealed interface NameMatch {
    boolean matches(ConnectionAttempt attempt, String name);

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
