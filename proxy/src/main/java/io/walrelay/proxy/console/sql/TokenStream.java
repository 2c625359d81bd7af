package io.walrelay.proxy.console.sql;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.List;
import java.util.Optional;

/** The tokens of one statement, and how far they have been read. */
final class TokenStream {
    /** So deep may expressions and queries be nested; each level takes some frames of the thread's stack. */
    private static final int DEEPEST = 200;

    /** So many tokens may a statement have. */
    private static final int LONGEST = 20_000;

    private final String sql;
    private final List<Token> tokens;
    private int next;
    private int depth;

    TokenStream(String sql) {
        this.sql = sql;
        this.tokens = SqlLexer.tokens(sql);
        if (tokens.size() > LONGEST) {
            throw PgException.error(SqlState.of("54001"), "statement is too complex")
                    .withDetail("It has more than " + LONGEST + " tokens.");
        }
    }

    String sql() {
        return sql;
    }

    Token peek() {
        return tokens.get(next);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(next + ahead, tokens.size() - 1));
    }

    Token take() {
        Token token = tokens.get(next);
        if (token.kind() != Token.Kind.END) {
            next++;
        }
        return token;
    }

    /** Remembers this place, for {@link #backTo}. */
    int mark() {
        return next;
    }

    void backTo(int mark) {
        next = mark;
    }

    /** Goes one level deeper. @throws PgException 54001 if that is too deep */
    void enter() {
        if (++depth > DEEPEST) {
            throw PgException.error(SqlState.of("54001"), "stack depth limit exceeded");
        }
    }

    void leave() {
        depth--;
    }

    boolean atEnd() {
        return peek().kind() == Token.Kind.END;
    }

    /** The statement from here to its end, and goes there. */
    String rest() {
        String rest = sql.substring(peek().at());
        next = tokens.size() - 1;
        return rest;
    }

    boolean isWord(String word) {
        return peek().isWord(word);
    }

    boolean isMark(String mark) {
        return peek().isMark(mark);
    }

    boolean isWords(String first, String second) {
        return peek().isWord(first) && peek(1).isWord(second);
    }

    boolean takeWord(String word) {
        boolean is = isWord(word);
        if (is) {
            next++;
        }
        return is;
    }

    boolean takeWords(String first, String second) {
        boolean are = isWords(first, second);
        if (are) {
            next += 2;
        }
        return are;
    }

    boolean takeMark(String mark) {
        boolean is = isMark(mark);
        if (is) {
            next++;
        }
        return is;
    }

    boolean takeOperator(String operator) {
        boolean is = peek().isOperator(operator);
        if (is) {
            next++;
        }
        return is;
    }

    void expectWord(String word) {
        if (!takeWord(word)) {
            throw unexpected();
        }
    }

    Token expectMark(String mark) {
        Token token = peek();
        if (!takeMark(mark)) {
            throw unexpected();
        }
        return token;
    }

    /** A name that a column or a table may have. */
    String columnName() {
        if (!Keywords.isColumnName(peek())) {
            throw unexpected();
        }
        return take().text();
    }

    /** A name after AS or a dot, which may be any word. */
    String label() {
        if (!Keywords.isLabel(peek())) {
            throw unexpected();
        }
        return take().text();
    }

    /** A name that stands where an alias may stand without AS. */
    Optional<String> bareAlias() {
        return Keywords.isColumnName(peek()) ? Optional.of(take().text()) : Optional.empty();
    }

    /** Error 42601 at the next token. */
    PgException unexpected() {
        return SqlErrors.near(sql, peek());
    }

    /** An error at a place in the statement. */
    PgException error(int at, SqlState state, String message) {
        return SqlErrors.at(sql, at, state, message);
    }
}
