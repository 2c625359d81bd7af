package io.walrelay.proxy.console.sql;

import io.walrelay.wire.error.SqlState;

/** What stands between quotes, from the opening one on. */
final class QuotedText {
    private final String sql;
    private final int open;

    /** What was read, and the index after it. */
    record Value(String text, int end) {}

    QuotedText(String sql, int open) {
        this.sql = sql;
        this.open = open;
    }

    /** A string in which a doubled quote is one, and nothing else is special. */
    Value plain() {
        return string(false);
    }

    /** {@code E'...'}: backslashes too. */
    Value escaped() {
        return string(true);
    }

    /** A name in double quotes. */
    Value identifier() {
        StringBuilder text = new StringBuilder();
        int at = open + 1;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (c != '"') {
                text.append(c);
            } else if (at < sql.length() && sql.charAt(at) == '"') {
                text.append('"');
                at++;
            } else if (text.isEmpty()) {
                throw SqlErrors.at(
                        sql, open, SqlState.SYNTAX_ERROR, "zero-length delimited identifier at or near \"\"\"\"");
            } else {
                return new Value(text.toString(), at);
            }
        }
        throw SqlErrors.unterminated(sql, open, "unterminated quoted identifier");
    }

    private Value string(boolean escapes) {
        StringBuilder text = new StringBuilder();
        int at = open + 1;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (c == '\\' && escapes && at < sql.length()) {
                at = escape(at, text);
            } else if (c != '\'') {
                text.append(c);
            } else if (at < sql.length() && sql.charAt(at) == '\'') {
                text.append('\'');
                at++;
            } else {
                int next = continuation(at);
                if (next < 0) {
                    return new Value(text.toString(), at);
                }
                at = next;
            }
        }
        throw SqlErrors.unterminated(sql, open, "unterminated quoted string");
    }

    /** A string goes on after blanks with a line break among them; negative if it does not. */
    private int continuation(int from) {
        int at = from;
        boolean newline = false;
        while (at < sql.length() && Character.isWhitespace(sql.charAt(at))) {
            newline |= sql.charAt(at) == '\n' || sql.charAt(at) == '\r';
            at++;
        }
        return newline && at < sql.length() && sql.charAt(at) == '\'' ? at + 1 : -1;
    }

    private int escape(int from, StringBuilder text) {
        char c = sql.charAt(from);
        switch (c) {
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'x' -> {
                return code(from + 1, 16, 1, 2, text);
            }
            case 'u' -> {
                return code(from + 1, 16, 4, 4, text);
            }
            case 'U' -> {
                return code(from + 1, 16, 8, 8, text);
            }
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                return code(from, 8, 1, 3, text);
            }
            default -> text.append(c);
        }
        return from + 1;
    }

    private int code(int from, int radix, int least, int most, StringBuilder text) {
        int at = from;
        int value = 0;
        while (at < sql.length() && at - from < most && Character.digit(sql.charAt(at), radix) >= 0) {
            value = value * radix + Character.digit(sql.charAt(at), radix);
            at++;
        }
        if (at - from < least) {
            if (least == 1) {
                text.append('x');
                return from;
            }
            throw SqlErrors.at(sql, from - 2, SqlState.of("22025"), "invalid Unicode escape");
        }
        if (value == 0 || !Character.isValidCodePoint(value)) {
            throw SqlErrors.at(
                    sql, from - 1, SqlState.of("22021"), "invalid byte sequence for encoding \"UTF8\": 0x00");
        }
        text.appendCodePoint(value);
        return at;
    }
}
