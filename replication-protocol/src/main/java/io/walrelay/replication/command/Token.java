package io.walrelay.replication.command;

/**
 * What the lexer found.
 *
 * @param kind what it is
 * @param text of a keyword as written, of an identifier as folded and cut, of a string without its quotes, of any other
 *     character itself; empty otherwise
 * @param number of a number its 32 bits, of a position its 64 bits; 0 otherwise
 */
record Token(Kind kind, String text, long number) {
    enum Kind {
        KEYWORD,
        IDENTIFIER,
        STRING,
        NUMBER,
        POSITION,
        CHARACTER,
        END
    }

    static final Token END = new Token(Kind.END, "", 0);

    boolean is(Kind expected) {
        return kind == expected;
    }

    boolean isKeyword(Keyword keyword) {
        return kind == Kind.KEYWORD && text.equals(keyword.name());
    }

    boolean isCharacter(char c) {
        return kind == Kind.CHARACTER && text.charAt(0) == c;
    }
}
