package io.walrelay.proxy.config;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Reads {@code key=value key='value'} (conninfo_parse of fe-connect.c). */
final class ConninfoParser {
    private final String input;
    private int at;

    private ConninfoParser(String input) {
        this.input = input;
    }

    /** The options as written; of two of the same name the later. */
    static SequencedMap<String, String> parse(String conninfo) throws ConnectionInfoException {
        return new ConninfoParser(conninfo).options();
    }

    private SequencedMap<String, String> options() throws ConnectionInfoException {
        SequencedMap<String, String> options = new LinkedHashMap<>();
        skipBlanks();
        while (at < input.length()) {
            String name = name();
            skipBlanks();
            options.put(ConninfoOptions.known(name), peek() == '\'' ? quoted() : plain());
            skipBlanks();
        }
        return options;
    }

    private String name() throws ConnectionInfoException {
        int start = at;
        while (at < input.length() && peek() != '=' && !isBlank(peek())) {
            at++;
        }
        String name = input.substring(start, at);
        skipBlanks();
        if (peek() != '=') {
            throw new ConnectionInfoException("missing \"=\" after \"%s\" in connection info string".formatted(name));
        }
        at++;
        return name;
    }

    private String plain() {
        StringBuilder value = new StringBuilder();
        while (at < input.length() && !isBlank(peek())) {
            if (peek() == '\\') {
                at++;
            }
            if (at < input.length()) {
                value.append(input.charAt(at++));
            }
        }
        return value.toString();
    }

    private String quoted() throws ConnectionInfoException {
        StringBuilder value = new StringBuilder();
        at++;
        while (at < input.length() && peek() != '\'') {
            if (peek() == '\\') {
                at++;
            }
            if (at < input.length()) {
                value.append(input.charAt(at++));
            }
        }
        if (at == input.length()) {
            throw new ConnectionInfoException("unterminated quoted string in connection info string");
        }
        at++;
        return value.toString();
    }

    private void skipBlanks() {
        while (at < input.length() && isBlank(peek())) {
            at++;
        }
    }

    /** The character that is next, NUL at the end. */
    private char peek() {
        return at < input.length() ? input.charAt(at) : '\0';
    }

    private static boolean isBlank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
