package io.walrelay.proxy.console.sql;

import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** One statement. */
public final class StatementParser {
    private static final Set<String> UNSUPPORTED = Set.of(
            "copy",
            "do",
            "call",
            "declare",
            "fetch",
            "move",
            "close",
            "prepare",
            "execute",
            "lock",
            "load",
            "savepoint",
            "release",
            "checkpoint");

    private final TokenStream tokens;
    private final QueryParser queries;

    private StatementParser(String sql) {
        this.tokens = new TokenStream(sql);
        this.queries = new QueryParser(tokens);
    }

    /** Reads one statement, with a semicolon behind it or without. @throws io.walrelay.wire.error.PgException 42601 */
    public static SqlStatement parse(String sql) {
        return new StatementParser(sql).whole();
    }

    private SqlStatement whole() {
        while (tokens.takeMark(";")) {
            // empty statements
        }
        if (tokens.atEnd()) {
            return new SqlStatement.Empty();
        }
        SqlStatement statement = statement();
        while (tokens.takeMark(";")) {
            // empty statements
        }
        if (!tokens.atEnd()) {
            throw tokens.unexpected();
        }
        return statement;
    }

    private SqlStatement statement() {
        if (queries.isAhead()) {
            return new SqlStatement.Rows(queries.query());
        }
        Token first = tokens.peek();
        if (first.kind() != Token.Kind.WORD) {
            throw tokens.unexpected();
        }
        SqlStatement refused = change();
        if (refused != null) {
            return refused;
        }
        tokens.take();
        return switch (first.text()) {
            case "show" -> show();
            case "set" -> set();
            case "reset" -> reset();
            case "begin" -> begin("BEGIN");
            case "start" -> {
                tokens.expectWord("transaction");
                yield new SqlStatement.Begin("START TRANSACTION", modes());
            }
            case "commit", "end" -> {
                work();
                yield new SqlStatement.Commit();
            }
            case "rollback", "abort" -> {
                work();
                if (tokens.isWord("to") || tokens.isWord("prepared")) {
                    yield unsupported("ROLLBACK TO SAVEPOINT");
                }
                yield new SqlStatement.Rollback();
            }
            case "discard" -> new SqlStatement.Discard(tokens.label().toUpperCase(Locale.ROOT));
            case "deallocate" -> deallocate();
            case "unlisten" -> {
                if (!tokens.takeOperator("*")) {
                    tokens.columnName();
                }
                yield new SqlStatement.Unlisten();
            }
            case "explain" -> explain();
            default -> {
                tokens.backTo(0);
                while (tokens.takeMark(";")) {
                    // empty statements
                }
                throw tokens.unexpected();
            }
        };
    }

    private @org.jspecify.annotations.Nullable SqlStatement change() {
        Token first = tokens.peek();
        if (UNSUPPORTED.contains(first.text())) {
            return unsupported(first.text().toUpperCase(Locale.ROOT));
        }
        return ChangeParser.isAhead(tokens) ? new ChangeParser(tokens).statement() : null;
    }

    private SqlStatement unsupported(String tag) {
        tokens.rest();
        return new SqlStatement.Unsupported(tag);
    }

    private SqlStatement show() {
        if (tokens.takeWord("all")) {
            return new SqlStatement.ShowAll();
        }
        return new SqlStatement.Show(settingName());
    }

    /** A setting; {@code TIME ZONE} and the like are the standard's names. */
    private String settingName() {
        if (tokens.takeWords("time", "zone")) {
            return "timezone";
        }
        if (tokens.isWords("transaction", "isolation")) {
            tokens.take();
            tokens.take();
            tokens.expectWord("level");
            return "transaction_isolation";
        }
        if (tokens.takeWords("session", "authorization")) {
            return "session_authorization";
        }
        StringBuilder name = new StringBuilder(tokens.columnName());
        while (tokens.takeMark(".")) {
            name.append('.').append(tokens.label());
        }
        return name.toString();
    }

    private SqlStatement set() {
        boolean local = tokens.takeWord("local");
        if (!local && tokens.isWords("session", "characteristics")) {
            tokens.take();
            tokens.take();
            tokens.expectWord("as");
        } else if (!local && tokens.isWord("session") && !tokens.peek(1).isWord("authorization")) {
            tokens.take();
        }
        if (tokens.takeWord("transaction")) {
            return new SqlStatement.SetTransaction(modes());
        }
        boolean zone = tokens.isWords("time", "zone");
        boolean bare = zone || tokens.isWord("role") || tokens.isWord("names") || tokens.isWord("session");
        String name = tokens.takeWord("names") ? "client_encoding" : settingName();
        if (!tokens.takeWord("to") && !tokens.takeOperator("=") && !bare) {
            throw tokens.unexpected();
        }
        return new SqlStatement.Set(name, value(), local);
    }

    private Optional<String> value() {
        if (tokens.takeWord("default") || tokens.isWords("local", "")) {
            return Optional.empty();
        }
        StringBuilder value = new StringBuilder();
        do {
            value.append(value.isEmpty() ? "" : ", ").append(valuePart());
        } while (tokens.takeMark(","));
        return Optional.of(value.toString());
    }

    private String valuePart() {
        Token token = tokens.peek();
        if (tokens.takeOperator("-") || tokens.takeOperator("+")) {
            String number = tokens.take().text();
            return token.text().equals("-") ? "-" + number : number;
        }
        boolean value = token.kind() == Token.Kind.WORD
                || token.kind() == Token.Kind.QUOTED
                || token.kind() == Token.Kind.STRING
                || token.kind() == Token.Kind.NUMBER;
        if (!value) {
            throw tokens.unexpected();
        }
        return tokens.take().text();
    }

    private SqlStatement reset() {
        if (tokens.takeWord("all")) {
            return new SqlStatement.Reset(Optional.empty());
        }
        return new SqlStatement.Reset(Optional.of(settingName()));
    }

    private SqlStatement begin(String tag) {
        work();
        return new SqlStatement.Begin(tag, modes());
    }

    private void work() {
        if (!tokens.takeWord("work")) {
            tokens.takeWord("transaction");
        }
        if (tokens.takeWords("and", "no")) {
            tokens.expectWord("chain");
        }
    }

    /** ISOLATION LEVEL ..., READ ONLY, READ WRITE, [NOT] DEFERRABLE. */
    private List<String> modes() {
        List<String> modes = new ArrayList<>();
        while (!tokens.atEnd() && !tokens.isMark(";")) {
            if (tokens.takeWord("isolation")) {
                tokens.expectWord("level");
                String level = tokens.label();
                if (level.equals("read") || level.equals("repeatable")) {
                    level += " " + tokens.label();
                }
                modes.add("isolation level " + level);
            } else if (tokens.takeWord("read")) {
                modes.add("read " + tokens.label());
            } else if (tokens.takeWord("not")) {
                tokens.expectWord("deferrable");
            } else if (!tokens.takeWord("deferrable")) {
                throw tokens.unexpected();
            }
            tokens.takeMark(",");
        }
        return modes;
    }

    private SqlStatement deallocate() {
        tokens.takeWord("prepare");
        return new SqlStatement.Deallocate(
                tokens.takeWord("all") ? Optional.empty() : Optional.of(tokens.columnName()));
    }

    private SqlStatement explain() {
        if (tokens.isMark("(") && !queries.isAhead()) {
            while (!tokens.takeMark(")")) {
                if (tokens.atEnd()) {
                    throw tokens.unexpected();
                }
                tokens.take();
            }
        }
        tokens.takeWord("analyze");
        tokens.takeWord("verbose");
        if (!queries.isAhead()) {
            throw tokens.error(
                    tokens.peek().at(), SqlState.FEATURE_NOT_SUPPORTED, "EXPLAIN of this is not supported by walrelay");
        }
        return new SqlStatement.Explain(queries.query());
    }
}
