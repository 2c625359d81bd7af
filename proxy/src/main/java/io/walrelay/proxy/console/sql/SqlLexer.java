package io.walrelay.proxy.console.sql;

import io.walrelay.proxy.console.sql.Token.Kind;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The tokens of a text, by PostgreSQL's rules ({@code scan.l}): nested comments, dollar quotes, escape strings, strings
 * that go on in the next line, operators of several characters.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">Lexical Structure</a>
 */
final class SqlLexer {
    private static final String OPERATOR_CHARACTERS = "+-*/<>=~!@#%^&|`?";
    private static final String MARKS = "()[],;.:";
    private static final int NAME_BYTES = 63;

    private final String sql;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private SqlLexer(String sql) {
        this.sql = sql;
    }

    /** All tokens, the last of them {@link Kind#END}. @throws io.walrelay.wire.error.PgException 42601 */
    static List<Token> tokens(String sql) {
        return new SqlLexer(sql).scan();
    }

    private List<Token> scan() {
        skipBlanks();
        while (at < sql.length()) {
            next();
            skipBlanks();
        }
        tokens.add(new Token(Kind.END, "", sql.length(), sql.length()));
        return tokens;
    }

    private char peek(int ahead) {
        return at + ahead < sql.length() ? sql.charAt(at + ahead) : '\0';
    }

    private void skipBlanks() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (isBlank(c)) {
                at++;
            } else if (c == '-' && peek(1) == '-') {
                skipLine();
            } else if (c == '/' && peek(1) == '*') {
                skipComment();
            } else {
                return;
            }
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\u000b';
    }

    private void skipLine() {
        while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
            at++;
        }
    }

    private void skipComment() {
        int start = at;
        int depth = 0;
        do {
            if (at >= sql.length()) {
                throw SqlErrors.unterminated(sql, start, "unterminated /* comment");
            }
            if (peek(0) == '/' && peek(1) == '*') {
                depth++;
                at += 2;
            } else if (peek(0) == '*' && peek(1) == '/') {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0);
    }

    private void next() {
        int start = at;
        char c = sql.charAt(at);
        if (c == '\'') {
            add(Kind.STRING, new QuotedText(sql, at).plain(), start);
        } else if (c == '"') {
            add(Kind.QUOTED, name(new QuotedText(sql, at).identifier()), start);
        } else if ((c == 'e' || c == 'E') && peek(1) == '\'') {
            add(Kind.STRING, new QuotedText(sql, at + 1).escaped(), start);
        } else if ((c == 'n' || c == 'N') && peek(1) == '\'') {
            add(Kind.STRING, new QuotedText(sql, at + 1).plain(), start);
        } else if ((c == 'b' || c == 'B' || c == 'x' || c == 'X') && peek(1) == '\'') {
            add(Kind.BITS, new QuotedText(sql, at + 1).plain(), start);
        } else if (isNameStart(c)) {
            word(start);
        } else if (c == '$') {
            dollar(start);
        } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            number(start);
        } else if (MARKS.indexOf(c) >= 0) {
            at += c == ':' && peek(1) == ':' ? 2 : 1;
            tokens.add(new Token(Kind.MARK, sql.substring(start, at), start, at));
        } else if (OPERATOR_CHARACTERS.indexOf(c) >= 0) {
            operator(start);
        } else {
            at++;
            throw SqlErrors.near(sql, new Token(Kind.MARK, "", start, at));
        }
    }

    private void add(Kind kind, QuotedText.Value value, int start) {
        at = value.end();
        tokens.add(new Token(kind, value.text(), start, at));
    }

    private static QuotedText.Value name(QuotedText.Value value) {
        return new QuotedText.Value(truncate(value.text()), value.end());
    }

    /** What PostgreSQL does to names that are too long, with a NOTICE that is left out here. */
    private static String truncate(String name) {
        String cut = name;
        while (cut.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > NAME_BYTES) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || isDigit(c) || c == '$';
    }

    private void word(int start) {
        while (at < sql.length() && isNamePart(sql.charAt(at))) {
            at++;
        }
        String text = truncate(sql.substring(start, at).toLowerCase(Locale.ROOT));
        tokens.add(new Token(Kind.WORD, text, start, at));
    }

    private void dollar(int start) {
        if (isDigit(peek(1))) {
            at++;
            while (isDigit(peek(0))) {
                at++;
            }
            tokens.add(new Token(Kind.PARAMETER, sql.substring(start + 1, at), start, at));
            return;
        }
        int tagEnd = start + 1;
        while (tagEnd < sql.length() && isNamePart(sql.charAt(tagEnd)) && sql.charAt(tagEnd) != '$') {
            tagEnd++;
        }
        if (tagEnd >= sql.length() || sql.charAt(tagEnd) != '$') {
            at = Math.max(tagEnd, start + 1);
            throw SqlErrors.near(sql, new Token(Kind.MARK, "", start, at));
        }
        String tag = sql.substring(start, tagEnd + 1);
        int end = sql.indexOf(tag, tagEnd + 1);
        if (end < 0) {
            throw SqlErrors.unterminated(sql, start, "unterminated dollar-quoted string");
        }
        add(Kind.STRING, new QuotedText.Value(sql.substring(tagEnd + 1, end), end + tag.length()), start);
    }

    private void number(int start) {
        while (isDigit(peek(0)) || (peek(0) == '_' && isDigit(peek(1)))) {
            at++;
        }
        if (peek(0) == '.' && peek(1) != '.') {
            at++;
            while (isDigit(peek(0))) {
                at++;
            }
        }
        if (peek(0) == 'e' || peek(0) == 'E') {
            int sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
            if (isDigit(peek(sign))) {
                at += sign;
                while (isDigit(peek(0))) {
                    at++;
                }
            }
        }
        if (isNameStart(peek(0))) {
            throw SqlErrors.at(
                    sql,
                    start,
                    SqlState.SYNTAX_ERROR,
                    "trailing junk after numeric literal at or near \"" + sql.substring(start, at + 1) + "\"");
        }
        tokens.add(new Token(Kind.NUMBER, sql.substring(start, at).replace("_", ""), start, at));
    }

    /**
     * An operator ends before a comment; one of several characters ends in + or - only if it could be no standard one.
     */
    private void operator(int start) {
        while (OPERATOR_CHARACTERS.indexOf(peek(0)) >= 0 && at < sql.length()) {
            boolean comment = (peek(0) == '-' && peek(1) == '-') || (peek(0) == '/' && peek(1) == '*');
            if (comment) {
                break;
            }
            at++;
        }
        String text = sql.substring(start, at);
        boolean special = text.chars().anyMatch(c -> "~!@#%^&|`?".indexOf(c) >= 0);
        while (text.length() > 1 && !special && (text.endsWith("+") || text.endsWith("-"))) {
            at--;
            text = sql.substring(start, at);
        }
        tokens.add(new Token(Kind.OPERATOR, text.equals("!=") ? "<>" : text, start, at));
    }
}
