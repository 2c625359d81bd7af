package io.walrelay.replication.command;

import io.walrelay.replication.ServerVersion;
import io.walrelay.replication.command.ParseResult.Command;
import io.walrelay.replication.command.ParseResult.Refused;
import io.walrelay.replication.command.ParseResult.Sql;
import java.util.Optional;

/**
 * Reads the text of a Query as a walsender of one major version does: replication command, or SQL, or refused.
 * Stateless and safe for any thread.
 *
 * <p>Refused are, in PostgreSQL's words: what the grammar does not allow (42601), timeline 0, and those options of slot
 * commands that need nothing but the text to be wrong. Everything else, names of slots included, is for whoever
 * executes the command. Mirrors {@code repl_gram.y} and {@code repl_scanner.l} of 10 to 18.
 */
public final class ReplicationCommandParser {
    private final Dialect dialect;

    /**
     * A parser for the grammar of the newest minor of a major version.
     *
     * @param serverMajor 10 to 18; a newer one is read as the newest known, an older one as 10
     */
    public ReplicationCommandParser(int serverMajor) {
        this.dialect = Dialect.ofMajor(serverMajor);
    }

    /** A parser for the grammar of exactly that version: minors differ in whether an identifier may hold a quote. */
    public ReplicationCommandParser(ServerVersion version) {
        this.dialect = Dialect.of(version);
    }

    /** Reads one query. */
    public ParseResult parse(String query) {
        ReplicationScanner scanner = new ReplicationScanner(query, dialect);
        try {
            Token first = scanner.next();
            Keyword command = dialect.keywords().get(first.text());
            if (!first.is(Token.Kind.KEYWORD) || command == null || !command.beginsCommand()) {
                return new Sql(scanner.notices());
            }
            ReplicationCommand parsed = new ReplicationGrammar(scanner, dialect).firstCommand(command);
            return new Command(parsed, scanner.notices());
        } catch (RefusedException e) {
            return new Refused(scanner.notices(), e.sqlState(), e.message(), Optional.empty(), Optional.empty());
        }
    }
}
