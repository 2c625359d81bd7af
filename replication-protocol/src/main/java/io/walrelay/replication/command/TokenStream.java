package io.walrelay.replication.command;

import io.walrelay.replication.command.Token.Kind;
import org.jspecify.annotations.Nullable;

/** The tokens of one text with one token of look-ahead, which is read only when somebody looks. */
final class TokenStream {
    private final ReplicationScanner scanner;
    private @Nullable Token lookAhead;

    TokenStream(ReplicationScanner scanner) {
        this.scanner = scanner;
    }

    Token peek() {
        Token token = lookAhead;
        if (token == null) {
            token = scanner.next();
            lookAhead = token;
        }
        return token;
    }

    Token take() {
        Token token = peek();
        lookAhead = null;
        return token;
    }

    /** Takes the next token if it is that keyword. */
    boolean accept(Keyword keyword) {
        return taken(peek().isKeyword(keyword));
    }

    /** Takes the next token if it is that character. */
    boolean accept(char c) {
        return taken(peek().isCharacter(c));
    }

    private boolean taken(boolean matches) {
        if (matches) {
            lookAhead = null;
        }
        return matches;
    }

    /** Takes the next token, which has to be of that kind. */
    Token expect(Kind kind) {
        Token token = take();
        if (!token.is(kind)) {
            throw RefusedException.syntaxError();
        }
        return token;
    }

    void expect(Keyword keyword) {
        if (!accept(keyword)) {
            throw RefusedException.syntaxError();
        }
    }

    void expect(char c) {
        if (!accept(c)) {
            throw RefusedException.syntaxError();
        }
    }
}
