package io.walrelay.replication.command;

import java.util.List;
import java.util.Optional;

/** What a query turned out to be. */
public sealed interface ParseResult {
    /** What the lexer had to say about the text; sent before anything else. */
    List<Notice> notices();

    /** A replication command. */
    record Command(ReplicationCommand command, List<Notice> notices) implements ParseResult {
        /** Copies the notices. */
        public Command {
            notices = List.copyOf(notices);
        }
    }

    /**
     * No replication command: the first token is no command's keyword. A physical walsender refuses it with SQLSTATE
     * 0A000, a walsender on a database runs it as SQL.
     */
    record Sql(List<Notice> notices) implements ParseResult {
        /** Copies the notices. */
        public Sql {
            notices = List.copyOf(notices);
        }
    }

    /**
     * A replication command that PostgreSQL refuses for its text alone, with severity ERROR; the session goes on.
     *
     * @param sqlState the five characters of the SQLSTATE
     */
    record Refused(
            List<Notice> notices, String sqlState, String message, Optional<String> detail, Optional<String> hint)
            implements ParseResult {
        /** Copies the notices. */
        public Refused {
            notices = List.copyOf(notices);
        }
    }

    /** A NOTICE to send. */
    record Notice(String sqlState, String message) {}
}
