package io.walrelay.wire.tls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * OpenSSL's cipher string, the value of {@code ssl_ciphers} (OpenSSL: ciphers(1), Cipher List Format): words with
 * colons between them that add suites, remove them ({@code -}, and for good {@code !}) or move them to the end ({@code
 * +}). A word that is unknown, or means only suites that are not to be had here, means none.
 */
public final class CipherString {
    /** PostgreSQL's default. */
    public static final String DEFAULT = "HIGH:MEDIUM:+3DES:!aNULL";

    private final List<CipherSuite> active = new ArrayList<>();
    private final Set<CipherSuite> banned = new LinkedHashSet<>();

    private CipherString() {}

    /** The suites of TLS 1.2 and before that a string means, in their order; empty if it means none. */
    static List<CipherSuite> suites(String text) {
        CipherString string = new CipherString();
        Arrays.stream(text.split("[: ,;]+")).filter(word -> !word.isEmpty()).forEach(string::apply);
        return List.copyOf(string.active);
    }

    /** Whether a string means any suite. */
    public static boolean isUsable(String text) {
        return !suites(text).isEmpty();
    }

    /** What to give to the library: TLS 1.3's suites are always among them. */
    static List<String> registeredNames(String text) {
        return Stream.concat(CipherSuite.ofTls13().stream(), suites(text).stream())
                .map(CipherSuite::registered)
                .toList();
    }

    private void apply(String word) {
        switch (word.charAt(0)) {
            case '!' -> {
                List<CipherSuite> meant = meant(word.substring(1));
                active.removeAll(meant);
                banned.addAll(meant);
            }
            case '-' -> active.removeAll(meant(word.substring(1)));
            case '+' -> {
                List<CipherSuite> moved = new ArrayList<>(active);
                moved.retainAll(meant(word.substring(1)));
                active.removeAll(moved);
                active.addAll(moved);
            }
            case '@' -> {
                if (word.equals("@STRENGTH")) {
                    active.sort(Comparator.comparingInt(CipherSuite::bits).reversed());
                }
            }
            default ->
                meant(word).stream()
                        .filter(suite -> !active.contains(suite) && !banned.contains(suite))
                        .forEach(active::add);
        }
    }

    /** Words with a plus between them mean the suites that all of them mean. */
    private static List<CipherSuite> meant(String words) {
        List<String> all = List.of(words.split("\\+"));
        return CipherSuite.choice().stream()
                .filter(suite -> all.stream().allMatch(suite::is))
                .toList();
    }
}
