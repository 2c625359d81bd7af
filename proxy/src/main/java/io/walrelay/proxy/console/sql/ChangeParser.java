package io.walrelay.proxy.console.sql;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Statements that change something, which are all refused. As a server finds errors of syntax first, they are read as
 * far as their verb, what it is about and its name; of what comes behind these, only the parentheses are looked at.
 */
final class ChangeParser {
    /** As a standby names them when it refuses; some have an object behind them. */
    private static final Set<String> IN_TRANSACTION = Set.of(
            "insert",
            "update",
            "delete",
            "merge",
            "truncate",
            "create",
            "alter",
            "drop",
            "grant",
            "revoke",
            "comment",
            "refresh",
            "security",
            "import",
            "reassign");

    /** What a read-only transaction may do, but no server in recovery. */
    private static final Set<String> IN_RECOVERY =
            Set.of("analyze", "analyse", "vacuum", "reindex", "cluster", "notify", "listen");

    private static final Set<String> WITH_OBJECT = Set.of("create", "alter", "drop", "comment", "security", "refresh");

    private static final Set<String> BEFORE_OBJECT = Set.of(
            "or",
            "replace",
            "temp",
            "temporary",
            "unlogged",
            "unique",
            "global",
            "local",
            "on",
            "recursive",
            "trusted",
            "procedural",
            "constraint",
            "default");

    private static final Set<String> OBJECTS = Set.of(
            "access",
            "aggregate",
            "cast",
            "collation",
            "column",
            "conversion",
            "database",
            "domain",
            "event",
            "extension",
            "foreign",
            "function",
            "group",
            "index",
            "label",
            "language",
            "large",
            "materialized",
            "operator",
            "owned",
            "policy",
            "privileges",
            "procedure",
            "publication",
            "role",
            "routine",
            "rule",
            "schema",
            "sequence",
            "server",
            "statistics",
            "subscription",
            "system",
            "table",
            "tablespace",
            "text",
            "transform",
            "trigger",
            "type",
            "user",
            "view");

    private final TokenStream tokens;

    ChangeParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    static boolean isAhead(TokenStream tokens) {
        String first = tokens.peek().text();
        return tokens.peek().kind() == Token.Kind.WORD
                && (IN_TRANSACTION.contains(first) || IN_RECOVERY.contains(first));
    }

    /** In a place where a query has to be: refuses what would change something. */
    static void refuse(TokenStream tokens) {
        if (isAhead(tokens)) {
            throw PgRefusals.readOnly(tag(tokens));
        }
        throw tokens.unexpected();
    }

    /** The statement, to its end. @throws io.walrelay.wire.error.PgException 42601 */
    SqlStatement statement() {
        String verb = tokens.peek().text();
        String tag = tag(tokens);
        tokens.take();
        switch (verb) {
            case "insert" -> insert();
            case "update" -> update();
            case "delete" -> delete();
            case "merge" -> {
                tokens.expectWord("into");
                name();
            }
            case "truncate" -> {
                tokens.takeWord("table");
                tokens.takeWord("only");
                name();
            }
            case "create", "alter", "drop" -> object();
            case "comment" -> {
                tokens.expectWord("on");
                object();
            }
            case "grant", "revoke", "refresh", "security", "import", "reassign", "listen", "notify", "reindex" ->
                something();
            default -> {}
        }
        requireBalance();
        return IN_RECOVERY.contains(verb)
                ? new SqlStatement.RecoveryViolation(tag)
                : new SqlStatement.ReadOnlyViolation(tag);
    }

    private void insert() {
        tokens.expectWord("into");
        name();
        if (tokens.takeWord("as")) {
            tokens.columnName();
        }
        boolean rows = List.of("default", "values", "select", "with", "table", "overriding").stream()
                .anyMatch(tokens::isWord);
        if (!rows && !tokens.isMark("(")) {
            throw tokens.unexpected();
        }
    }

    private void update() {
        tokens.takeWord("only");
        name();
        if (tokens.takeWord("as") || !tokens.isWord("set")) {
            tokens.columnName();
        }
        tokens.expectWord("set");
        something();
    }

    private void delete() {
        tokens.expectWord("from");
        tokens.takeWord("only");
        name();
        if (tokens.takeWord("as") || Keywords.isColumnName(tokens.peek())) {
            tokens.columnName();
        }
        boolean ends = tokens.atEnd() || tokens.isMark(";");
        if (!ends && List.of("using", "where", "returning").stream().noneMatch(tokens::isWord)) {
            throw tokens.unexpected();
        }
    }

    private void name() {
        if (tokens.takeMark("(")) {
            // ONLY (name)
            name();
            tokens.expectMark(")");
            return;
        }
        tokens.columnName();
        while (tokens.takeMark(".")) {
            tokens.label();
        }
        tokens.takeOperator("*");
    }

    private void object() {
        while (BEFORE_OBJECT.contains(tokens.peek().text())) {
            tokens.take();
        }
        if (tokens.peek().kind() != Token.Kind.WORD
                || !OBJECTS.contains(tokens.peek().text())) {
            throw tokens.unexpected();
        }
        tokens.take();
        something();
    }

    private void something() {
        if (tokens.atEnd() || tokens.isMark(";")) {
            throw tokens.unexpected();
        }
    }

    private void requireBalance() {
        int open = 0;
        while (!tokens.atEnd() && !(open == 0 && tokens.isMark(";"))) {
            open += tokens.isMark("(") ? 1 : 0;
            if (tokens.isMark(")") && --open < 0) {
                throw tokens.unexpected();
            }
            tokens.take();
        }
        if (open > 0) {
            throw tokens.unexpected();
        }
    }

    /** INSERT, CREATE TABLE, ...: the command tag of what follows. */
    private static String tag(TokenStream tokens) {
        String verb = tokens.peek().text();
        StringBuilder tag = new StringBuilder(verb.equals("analyse") ? "ANALYZE" : verb.toUpperCase(Locale.ROOT));
        if (verb.equals("truncate")) {
            tag.append(" TABLE");
        }
        if (WITH_OBJECT.contains(verb)) {
            int ahead = 1;
            while (BEFORE_OBJECT.contains(tokens.peek(ahead).text())) {
                ahead++;
            }
            String object = tokens.peek(ahead).text();
            if (!verb.equals("comment")) {
                tag.append(' ')
                        .append(
                                object.equals("user") || object.equals("group")
                                        ? "ROLE"
                                        : object.toUpperCase(Locale.ROOT));
                secondWord(object).ifPresent(second -> tag.append(' ').append(second));
            }
        }
        return tag.toString();
    }

    private static Optional<String> secondWord(String object) {
        return switch (object) {
            case "materialized" -> Optional.of("VIEW");
            case "access" -> Optional.of("METHOD");
            case "event" -> Optional.of("TRIGGER");
            default -> Optional.empty();
        };
    }
}
