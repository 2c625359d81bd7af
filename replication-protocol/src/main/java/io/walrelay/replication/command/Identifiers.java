package io.walrelay.replication.command;

import java.nio.charset.StandardCharsets;

/** What PostgreSQL does to identifiers before it looks at them ({@code scansup.c}). */
final class Identifiers {
    /** {@code NAMEDATALEN} - 1: the bytes an identifier can have. */
    static final int MAX_BYTES = 63;

    private Identifiers() {}

    /** Folds A to Z to lower case and nothing else, as a server does whose encoding is SQL_ASCII or UTF8. */
    static String fold(String name) {
        StringBuilder folded = new StringBuilder(name);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                folded.setCharAt(i, (char) (c + ('a' - 'A')));
            }
        }
        return folded.toString();
    }

    /**
     * Cuts to {@value #MAX_BYTES} bytes of UTF-8. A server whose encoding is SQL_ASCII, as a physical walsender's is,
     * may cut within a character: the bytes left of it become lone surrogates {@code U+DC80..U+DCFF}, one for each
     * byte, and such surrogates in {@code name} count as one byte.
     */
    static String truncate(String name) {
        int bytes = 0;
        for (int i = 0; i < name.length(); ) {
            int character = name.codePointAt(i);
            int length = utf8Length(character);
            if (bytes + length > MAX_BYTES) {
                return name.substring(0, i) + firstBytes(character, MAX_BYTES - bytes);
            }
            bytes += length;
            i += Character.charCount(character);
        }
        return name;
    }

    private static int utf8Length(int character) {
        if (character < 0x80 || (character >= 0xDC80 && character <= 0xDCFF)) {
            return 1;
        }
        return character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    }

    private static String firstBytes(int character, int count) {
        byte[] utf8 = Character.toString(character).getBytes(StandardCharsets.UTF_8);
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < count; i++) {
            escaped.append((char) (0xDC00 + Byte.toUnsignedInt(utf8[i])));
        }
        return escaped.toString();
    }
}
