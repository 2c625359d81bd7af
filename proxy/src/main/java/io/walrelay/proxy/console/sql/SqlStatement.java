package io.walrelay.proxy.console.sql;

import java.util.List;
import java.util.Optional;

/** A statement. */
public sealed interface SqlStatement {
    /** Nothing. */
    record Empty() implements SqlStatement {}

    /** SELECT, VALUES, WITH, TABLE. */
    record Rows(Query query) implements SqlStatement {}

    /** EXPLAIN of a query. */
    record Explain(Query query) implements SqlStatement {}

    /** SHOW name. */
    record Show(String name) implements SqlStatement {}

    /** SHOW ALL. */
    record ShowAll() implements SqlStatement {}

    /** SET name; empty is SET ... TO DEFAULT. */
    record Set(String name, Optional<String> value, boolean local) implements SqlStatement {}

    /** SET [SESSION CHARACTERISTICS AS] TRANSACTION: accepted where it asks for what is anyway so. */
    record SetTransaction(List<String> modes) implements SqlStatement {}

    /** RESET name, RESET ALL. */
    record Reset(Optional<String> name) implements SqlStatement {}

    /** BEGIN, START TRANSACTION; {@code tag} is the command tag. */
    record Begin(String tag, List<String> modes) implements SqlStatement {}

    /** COMMIT, END. */
    record Commit() implements SqlStatement {}

    /** ROLLBACK, ABORT. */
    record Rollback() implements SqlStatement {}

    /** DISCARD. */
    record Discard(String what) implements SqlStatement {}

    /** UNLISTEN: nobody can have begun to listen. */
    record Unlisten() implements SqlStatement {}

    /** DEALLOCATE; empty is ALL. */
    record Deallocate(Optional<String> name) implements SqlStatement {}

    /** A statement that PostgreSQL knows and a standby does not carry out; {@code tag} is its command tag. */
    record ReadOnlyViolation(String tag) implements SqlStatement {}

    /** A statement that a read-only transaction may carry out, but no server in recovery. */
    record RecoveryViolation(String tag) implements SqlStatement {}

    /** A statement that PostgreSQL knows, and that is not here. */
    record Unsupported(String tag) implements SqlStatement {}
}
