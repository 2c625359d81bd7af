package io.walrelay.proxy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Splits a list of names as SplitGUCList of varlena.c does. */
final class CommaList {
    private CommaList() {}

    /** The names; empty if the list is malformed: a name is missing or a quote is not closed. */
    static Optional<List<String>> split(String text) {
        List<String> names = new ArrayList<>();
        int at = skipBlanks(text, 0);
        if (at == text.length()) {
            return Optional.of(List.of());
        }
        while (true) {
            StringBuilder name = new StringBuilder();
            if (at < text.length() && text.charAt(at) == '"') {
                at = quoted(text, at + 1, name);
                if (at < 0) {
                    return Optional.empty();
                }
            } else {
                while (at < text.length() && text.charAt(at) != ',' && !isBlank(text.charAt(at))) {
                    name.append(text.charAt(at++));
                }
                if (name.isEmpty()) {
                    return Optional.empty();
                }
            }
            names.add(name.toString());
            at = skipBlanks(text, at);
            if (at == text.length()) {
                return Optional.of(List.copyOf(names));
            }
            if (text.charAt(at) != ',') {
                return Optional.empty();
            }
            at = skipBlanks(text, at + 1);
        }
    }

    /** Reads up to the closing quote and returns the position after it, or -1 if there is none. */
    private static int quoted(String text, int from, StringBuilder name) {
        int at = from;
        while (at < text.length()) {
            if (text.charAt(at) != '"') {
                name.append(text.charAt(at++));
            } else if (text.startsWith("\"\"", at)) {
                name.append('"');
                at += 2;
            } else {
                return at + 1;
            }
        }
        return -1;
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
