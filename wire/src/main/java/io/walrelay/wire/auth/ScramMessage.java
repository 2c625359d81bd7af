package io.walrelay.wire.auth;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;

/**
 * Reads a client's SCRAM message attribute by attribute ({@code a=value,b=value}), never beyond its end, in the words
 * of {@code auth-scram.c}. The message has been bounded before.
 */
final class ScramMessage {
    private final String text;
    private int position;

    ScramMessage(String text) {
        this.text = text;
    }

    /** Where the next attribute begins. */
    int position() {
        return position;
    }

    boolean atEnd() {
        return position >= text.length();
    }

    /** The next character, NUL at the end. */
    char peek() {
        return atEnd() ? '\0' : text.charAt(position);
    }

    void skip() {
        position++;
    }

    /** Skips a comma. */
    void comma() {
        if (peek() != ',') {
            throw malformed("Comma expected, but found character \"" + found() + "\".");
        }
        skip();
    }

    /** The name of the next attribute. */
    char attribute() {
        char name = peek();
        if (!(name >= 'a' && name <= 'z') && !(name >= 'A' && name <= 'Z')) {
            throw malformed(
                    atEnd()
                            ? "Attribute expected, but found end of string."
                            : "Attribute expected, but found invalid character \"" + found() + "\".");
        }
        return name;
    }

    /** The value of the attribute of this name, which must be next. */
    String value(char name) {
        if (peek() != name) {
            throw malformed("Expected attribute \"" + name + "\" but found \"" + found() + "\".");
        }
        skip();
        if (peek() != '=') {
            throw malformed("Expected character \"=\" for attribute \"" + name + "\".");
        }
        skip();
        int end = text.indexOf(',', position);
        String value = text.substring(position, end < 0 ? text.length() : end);
        position = end < 0 ? text.length() : end + 1;
        return value;
    }

    /** The next character as PostgreSQL shows it, in quotes or as a number. */
    String found() {
        char c = peek();
        return c > ' ' && c < 127 ? "'" + c + "'" : String.format("0x%02x", (int) c);
    }

    /** FATAL 08P01. */
    static PgException malformed(String detail) {
        return PgException.fatal(SqlState.PROTOCOL_VIOLATION, "malformed SCRAM message")
                .withDetail(detail);
    }
}
