package io.walrelay.replication.command;

import io.walrelay.replication.command.ParseResult.Command;
import io.walrelay.replication.command.ParseResult.Refused;
import io.walrelay.replication.command.ParseResult.Sql;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the text of a Query as a walsender of one major version does: replication command, or SQL, or refused. Stateless
 * and safe for any thread.
 *
 * <p>Refused are, in PostgreSQL's words: what the grammar does not allow (42601), timeline 0, and those options of slot
 * commands that need nothing but the text to be wrong. Everything else, names of slots included, is for whoever
 * executes the command. Mirrors {@code repl_gram.y} and {@code repl_scanner.l} of 10 to 18.
 */
public final class ReplicationCommandParser {
    private final int serverMajor;
    private final Map<String, Keyword> keywords;

    /**
     * A parser for the grammar of one major version.
     *
     * @param serverMajor 10 to 18; a newer one is read as the newest known, an older one as 10
     */
    public ReplicationCommandParser(int serverMajor) {
        this.serverMajor = Math.max(serverMajor, 10);
        this.keywords = Keyword.of(this.serverMajor);
    }

    /** Reads one query. */
    public ParseResult parse(String query) {
        ReplicationScanner scanner = new ReplicationScanner(query, keywords);
        try {
            Token first = scanner.next();
            Keyword command = keywords.get(first.text());
            if (!first.is(Token.Kind.KEYWORD) || command == null || !command.beginsCommand()) {
                return new Sql(scanner.notices());
            }
            ReplicationCommand parsed = new ReplicationGrammar(scanner, keywords, serverMajor).firstCommand(command);
            return new Command(parsed, scanner.notices());
        } catch (RefusedException e) {
            return new Refused(scanner.notices(), e.sqlState(), e.message(), Optional.empty(), Optional.empty());
        }
    }
}
