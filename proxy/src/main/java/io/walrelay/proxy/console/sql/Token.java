package io.walrelay.proxy.console.sql;

/**
 * A token.
 *
 * @param text of an identifier folded and without quotes, of a string its value, of all others as written
 * @param at index of its first character
 * @param end index after its last character
 */
record Token(Kind kind, String text, int at, int end) {
    /** What it is. */
    enum Kind {
        /** Not quoted: may be a keyword. */
        WORD,
        /** In double quotes: never a keyword. */
        QUOTED,
        STRING,
        /** {@code B'1'} or {@code X'1F'}; the text is the digits, in binary. */
        BITS,
        NUMBER,
        /** {@code $1}; the text is the digits. */
        PARAMETER,
        OPERATOR,
        /** One of {@code ( ) [ ] , ; . : ::}. */
        MARK,
        END
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    boolean isMark(String mark) {
        return kind == Kind.MARK && text.equals(mark);
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }
}
