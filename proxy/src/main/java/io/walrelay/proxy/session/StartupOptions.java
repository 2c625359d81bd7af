package io.walrelay.proxy.session;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The start-up parameter {@code options}: a command line of which {@code -c name=value} and {@code --name=value}
 * matter. A backslash keeps the character behind it from ending a word. Mirrors {@code pg_split_opts} and
 * {@code process_postgres_switches}.
 */
final class StartupOptions {
    private StartupOptions() {}

    /** @throws PgException FATAL 42601 for anything else than settings */
    static Map<String, String> parse(String options) {
        Map<String, String> settings = new LinkedHashMap<>();
        List<String> words = split(options);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("-c") && i + 1 < words.size()) {
                put(settings, words.get(++i), "-c ");
            } else if (word.startsWith("-c") && word.length() > 2) {
                put(settings, word.substring(2), "-c ");
            } else if (word.startsWith("--") && word.length() > 2) {
                put(settings, word.substring(2), "--");
            } else {
                throw PgException.fatal(
                                SqlState.SYNTAX_ERROR, "invalid command-line argument for server process: " + word)
                        .withHint("Try \"postgres --help\" for more information.");
            }
        }
        return settings;
    }

    private static void put(Map<String, String> settings, String assignment, String prefix) {
        int equals = assignment.indexOf('=');
        if (equals < 0) {
            throw PgException.fatal(SqlState.SYNTAX_ERROR, prefix + assignment + " requires a value");
        }
        settings.put(assignment.substring(0, equals).replace('-', '_'), assignment.substring(equals + 1));
    }

    private static List<String> split(String options) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean within = false;
        for (int i = 0; i < options.length(); i++) {
            char c = options.charAt(i);
            if (Character.isWhitespace(c)) {
                if (within) {
                    words.add(word.toString());
                    word.setLength(0);
                    within = false;
                }
                continue;
            }
            within = true;
            if (c == '\\' && i + 1 < options.length()) {
                i++;
                c = options.charAt(i);
            }
            word.append(c);
        }
        if (within) {
            words.add(word.toString());
        }
        return words;
    }
}
