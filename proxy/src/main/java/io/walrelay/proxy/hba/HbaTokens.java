package io.walrelay.proxy.hba;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a line of pg_hba.conf into fields and each field at its commas (next_token and next_field_expand of hba.c).
 */
final class HbaTokens {
    private final String line;
    private int at;

    private HbaTokens(String line) {
        this.line = line;
    }

    /** One word.
     *
     * @param quoted it began with a double quote: no keyword, no special first character
     */
    record Token(String text, boolean quoted) {
        boolean is(String keyword) {
            return !quoted && text.equals(keyword);
        }
    }

    /** The fields of a line; none if it is blank or a comment. */
    static List<List<Token>> fields(String line) {
        return new HbaTokens(line).fields();
    }

    private List<List<Token>> fields() {
        List<List<Token>> fields = new ArrayList<>();
        skipBlanks();
        while (!atEnd()) {
            fields.add(field());
            skipBlanks();
        }
        return fields;
    }

    private List<Token> field() {
        List<Token> tokens = new ArrayList<>();
        boolean more = true;
        while (more && !atEnd()) {
            tokens.add(token());
            more = at < line.length() && line.charAt(at) == ',';
            if (more) {
                at++;
                skipBlanks();
            }
        }
        return tokens;
    }

    private Token token() {
        StringBuilder text = new StringBuilder();
        boolean quoted = line.charAt(at) == '"';
        boolean inQuote = false;
        while (at < line.length()) {
            char c = line.charAt(at);
            if (c == '"') {
                // A quote that follows a closing one stands for itself.
                boolean doubled = inQuote && line.startsWith("\"\"", at);
                if (doubled) {
                    text.append('"');
                    at++;
                } else {
                    inQuote = !inQuote;
                }
            } else if (!inQuote && (isBlank(c) || c == ',' || c == '#')) {
                break;
            } else {
                text.append(c);
            }
            at++;
        }
        return new Token(text.toString(), quoted);
    }

    private boolean atEnd() {
        return at >= line.length() || line.charAt(at) == '#';
    }

    private void skipBlanks() {
        while (at < line.length() && isBlank(line.charAt(at))) {
            at++;
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }
}
