package io.walrelay.proxy.syncrep;

import java.util.Locale;

/** Cuts {@code synchronous_standby_names} into tokens, as PostgreSQL's {@code syncrep_scanner.l} does. */
final class StandbyNamesScanner {
    private static final char QUOTE = '"';

    private final String text;
    private int next;

    StandbyNamesScanner(String text) {
        this.text = text;
    }

    /** @throws StandbyNamesException if a quoted name does not end */
    StandbyNamesToken next() throws StandbyNamesException {
        while (next < text.length() && isSpace(text.charAt(next))) {
            next++;
        }
        if (next == text.length()) {
            return new StandbyNamesToken.End();
        }
        char first = text.charAt(next);
        if (first == QUOTE) {
            return quoted();
        }
        if (isIdentifierStart(first)) {
            return word(identifier());
        }
        if (isDigit(first)) {
            return new StandbyNamesToken.Digits(digits());
        }
        String single = text.substring(next, next + 1);
        next++;
        return switch (first) {
            case '*' -> new StandbyNamesToken.Name(single, single);
            case ',', '(', ')' -> new StandbyNamesToken.Punctuation(single);
            default -> new StandbyNamesToken.Junk(single);
        };
    }

    private StandbyNamesToken quoted() throws StandbyNamesException {
        StringBuilder name = new StringBuilder();
        int at = next + 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean doubled = c == QUOTE && at + 1 < text.length() && text.charAt(at + 1) == QUOTE;
            if (c == QUOTE && !doubled) {
                next = at + 1;
                return new StandbyNamesToken.Name(name.toString(), "\"");
            }
            name.append(c);
            at += doubled ? 2 : 1;
        }
        throw StandbyNamesException.syntax("unterminated quoted identifier at end of input");
    }

    private static StandbyNamesToken word(String word) {
        // The two words are keywords wherever they stand; the locale of the program does not matter to them.
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "any" -> new StandbyNamesToken.Any(word);
            case "first" -> new StandbyNamesToken.First(word);
            default -> new StandbyNamesToken.Name(word, word);
        };
    }

    private String identifier() {
        int from = next;
        while (next < text.length() && isIdentifierPart(text.charAt(next))) {
            next++;
        }
        return text.substring(from, next);
    }

    private String digits() {
        int from = next;
        while (next < text.length() && isDigit(text.charAt(next))) {
            next++;
        }
        return text.substring(from, next);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isIdentifierStart(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
    }

    private static boolean isIdentifierPart(char c) {
        return isIdentifierStart(c) || isDigit(c) || c == '$';
    }
}
