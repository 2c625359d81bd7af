package io.walrelay.replication.command;

import io.walrelay.replication.ServerVersion;
import java.util.Map;

/**
 * The grammar of one server version.
 *
 * @param major 10 or newer
 * @param quoteInIdentifier whether a doubled double quote stands for one within an identifier; minors of 2026 learnt it
 * @param verticalTabIsSpace whether a vertical tab separates tokens, as it does from 17 on
 * @param keywords what the lexer knows, by its text
 */
record Dialect(int major, boolean quoteInIdentifier, boolean verticalTabIsSpace, Map<String, Keyword> keywords) {
    private static final int OLDEST = 10;

    /** That of a major's newest minor. */
    static Dialect ofMajor(int major) {
        return of(Math.max(major, OLDEST), major >= 14);
    }

    static Dialect of(ServerVersion version) {
        int number = version.number();
        boolean quoteInIdentifier = switch (version.major()) {
            case 14 -> number >= 14_00_24;
            case 15 -> number >= 15_00_19;
            case 16 -> number >= 16_00_15;
            case 17 -> number >= 17_00_11;
            case 18 -> number >= 18_00_05;
            default -> version.major() > 18;
        };
        return of(Math.max(version.major(), OLDEST), quoteInIdentifier);
    }

    private static Dialect of(int major, boolean quoteInIdentifier) {
        return new Dialect(major, quoteInIdentifier, major >= 17, Keyword.of(major));
    }
}
