package io.walrelay.replication.command;

import io.walrelay.replication.command.ParseResult.Notice;
import io.walrelay.replication.command.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * The lexer of the replication grammar, which mirrors {@code repl_scanner.l}: no comments, no escapes beyond a doubled
 * single quote, and of two tokens that could begin at a place the longer one. It reads a token only when asked, since
 * an error or a notice further on in the text must not show if the parser gives up before.
 */
final class ReplicationScanner {
    private final String text;
    private final Dialect dialect;
    private final List<Notice> notices = new ArrayList<>();
    private int at;

    ReplicationScanner(String text, Dialect dialect) {
        this.text = text;
        this.dialect = dialect;
    }

    /** What there was to say about the tokens read so far. */
    List<Notice> notices() {
        return List.copyOf(notices);
    }

    /**
     * Reads the next token; at the end, {@link Token#END} for ever.
     *
     * @throws RefusedException if a quote is not closed
     */
    Token next() {
        at = endOf(at, this::isSpace);
        if (at == text.length()) {
            return Token.END;
        }
        char first = text.charAt(at);
        if (isHexDigit(first)) {
            int slash = endOf(at, ReplicationScanner::isHexDigit);
            int end = slash < text.length() && text.charAt(slash) == '/'
                    ? endOf(slash + 1, ReplicationScanner::isHexDigit)
                    : slash;
            if (end > slash + 1) {
                return position(slash, end);
            }
        }
        if (isDigit(first)) {
            return number(endOf(at, ReplicationScanner::isDigit));
        }
        if (isIdentifierStart(first)) {
            return word(endOf(at, ReplicationScanner::isIdentifierPart));
        }
        return switch (first) {
            case '\'' -> new Token(Kind.STRING, quoted(first, true), 0);
            case '"' -> identifier(quoted(first, dialect.quoteInIdentifier()));
            default -> new Token(Kind.CHARACTER, text.substring(at, ++at), 0);
        };
    }

    private Token position(int slash, int end) {
        long high = wrapped(at, slash, 16);
        long low = wrapped(slash + 1, end, 16);
        at = end;
        return new Token(Kind.POSITION, "", (high << 32) | low);
    }

    private Token number(int end) {
        long value = wrapped(at, end, 10);
        at = end;
        return new Token(Kind.NUMBER, "", value);
    }

    private Token word(int end) {
        String word = text.substring(at, end);
        at = end;
        return dialect.keywords().containsKey(word)
                ? new Token(Kind.KEYWORD, word, 0)
                : identifier(Identifiers.fold(word));
    }

    private Token identifier(String name) {
        String cut = Identifiers.truncate(name);
        if (!cut.equals(name)) {
            notices.add(new Notice("42622", "identifier \"" + name + "\" will be truncated to \"" + cut + "\""));
        }
        return new Token(Kind.IDENTIFIER, cut, 0);
    }

    /** A quoted text, in which a doubled quote may stand for one. */
    private String quoted(char quote, boolean mayBeDoubled) {
        StringBuilder value = new StringBuilder();
        at++;
        while (true) {
            int end = closingQuote(quote);
            value.append(text, at, end);
            at = end + 1;
            boolean doubled = mayBeDoubled && at < text.length() && text.charAt(at) == quote;
            if (!doubled) {
                return value.toString();
            }
            value.append(quote);
            at++;
        }
    }

    private int closingQuote(char quote) {
        int end = text.indexOf(quote, at);
        if (end < 0) {
            throw RefusedException.syntaxError("unterminated quoted string");
        }
        return end;
    }

    /**
     * The low 32 bits of a number of any length. One that exceeds even 64 bits becomes the greatest number first, as
     * C's {@code strtoul} has it.
     */
    private long wrapped(int from, int to, int radix) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(text.charAt(i), radix);
            if (Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, radix)) > 0) {
                return 0xFFFF_FFFFL;
            }
            value = value * radix + digit;
        }
        return value & 0xFFFF_FFFFL;
    }

    private interface CharClass {
        boolean contains(char c);
    }

    private int endOf(int from, CharClass charClass) {
        int end = from;
        while (end < text.length() && charClass.contains(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r' && (c != '\u000b' || dialect.verticalTabIsSpace()));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHexDigit(char c) {
        return isDigit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
    }

    private static boolean isIdentifierStart(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
    }

    private static boolean isIdentifierPart(char c) {
        return isIdentifierStart(c) || isDigit(c) || c == '$';
    }
}
