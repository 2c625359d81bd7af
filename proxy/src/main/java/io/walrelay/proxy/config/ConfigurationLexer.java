package io.walrelay.proxy.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tokens of postgresql.conf: the rules of guc-file.l, the longest match wins and then the first rule. */
final class ConfigurationLexer {
    private static final String LETTER = "[A-Za-z_\\x{80}-\\x{10FFFF}]";
    private static final String LETTER_OR_DIGIT = "[A-Za-z_0-9\\x{80}-\\x{10FFFF}]";
    private static final String ID = LETTER + LETTER_OR_DIGIT + "*+";
    private static final Pattern BLANKS = Pattern.compile("[ \\t\\r]*+(?:#[^\\n]*+)?");

    /** In the order of the rules. */
    enum Kind {
        ID(ConfigurationLexer.ID),
        QUALIFIED_ID(ConfigurationLexer.ID + "\\." + ConfigurationLexer.ID),
        STRING("'(?:[^'\\\\\\n]|\\\\[^\\n]|'')*+'"),
        UNQUOTED_STRING(LETTER + "(?:" + LETTER_OR_DIGIT + "|[-._:/])*+"),
        INTEGER("[-+]?(?:0x[0-9a-fA-F]++|[0-9]++)[a-zA-Z]*+"),
        REAL("[-+]?[0-9]*+\\.[0-9]*+(?:[Ee][-+]?[0-9]++)?"),
        EQUALS("="),
        ERROR("[^\\n]"),
        EOL("\\n"),
        END("\\z");

        private final Pattern pattern;

        Kind(String regex) {
            this.pattern = Pattern.compile(regex);
        }
    }

    /** A token.
     *
     * @param line counted from 1
     */
    record Token(Kind kind, String text, int line) {
        /** What the token says as a value; empty if it cannot be one. */
        Optional<String> value() {
            return switch (kind) {
                case ID, UNQUOTED_STRING, INTEGER, REAL -> Optional.of(text);
                case STRING -> Optional.of(unquote(text));
                case QUALIFIED_ID, EQUALS, ERROR, EOL, END -> Optional.empty();
            };
        }
    }

    private final String input;
    private int at;
    private int line = 1;

    ConfigurationLexer(String input) {
        this.input = input;
    }

    /** The next token; END for ever after the last. */
    Token next() {
        Matcher blanks = BLANKS.matcher(input).region(at, input.length());
        if (blanks.lookingAt()) {
            at = blanks.end();
        }
        Kind longest = Kind.END;
        int end = at;
        for (Kind kind : Kind.values()) {
            Matcher matcher = kind.pattern.matcher(input).region(at, input.length());
            if (matcher.lookingAt() && matcher.end() > end) {
                longest = kind;
                end = matcher.end();
            }
        }
        Token token = new Token(longest, input.substring(at, end), line);
        at = end;
        if (longest == Kind.EOL) {
            line++;
        }
        return token;
    }

    /** Takes the quotes away and resolves '' and the backslash escapes (DeescapeQuotedString). */
    private static String unquote(String quoted) {
        StringBuilder text = new StringBuilder(quoted.length());
        int end = quoted.length() - 1;
        int i = 1;
        while (i < end) {
            char c = quoted.charAt(i++);
            if (c == '\'') {
                text.append(c);
                i++;
            } else if (c != '\\') {
                text.append(c);
            } else if (quoted.charAt(i) >= '0' && quoted.charAt(i) <= '7') {
                int octal = 0;
                for (int digits = 0; digits < 3 && isOctal(quoted.charAt(i)); digits++) {
                    octal = octal * 8 + quoted.charAt(i++) - '0';
                }
                text.append((char) (octal & 0xFF));
            } else {
                text.append(escaped(quoted.charAt(i++)));
            }
        }
        // As in C, the text ends at a NUL.
        int nul = text.indexOf("\0");
        return nul < 0 ? text.toString() : text.substring(0, nul);
    }

    private static boolean isOctal(char c) {
        return c >= '0' && c <= '7';
    }

    private static char escaped(char c) {
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> c;
        };
    }
}
