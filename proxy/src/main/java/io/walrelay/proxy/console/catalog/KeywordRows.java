package io.walrelay.proxy.console.catalog;

import static io.walrelay.proxy.console.catalog.Rows.row;

import io.walrelay.proxy.console.type.Majors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rows of {@code pg_get_keywords()}: the key words of a major version ({@code keywords.txt}). */
final class KeywordRows {
    private KeywordRows() {}

    static List<Map<String, @Nullable Object>> of(int major) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(
                        Catalog.class.getResourceAsStream("/io/walrelay/proxy/console/catalog/keywords.txt"));
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    String[] words = line.split(" ", -1);
                    int[] majors = Majors.parse(words.length > 2 ? words[2] : "");
                    if (majors[0] <= major && major <= majors[1]) {
                        rows.add(keyword(words[0], words[1].substring(0, 1), !words[1].endsWith("*")));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private static Map<String, @Nullable Object> keyword(String word, String category, boolean bareLabel) {
        return row(
                "word",
                word,
                "catcode",
                category,
                "barelabel",
                bareLabel,
                "catdesc",
                switch (category) {
                    case "U" -> "unreserved";
                    case "C" -> "unreserved (cannot be function or type name)";
                    case "T" -> "reserved (can be function or type name)";
                    default -> "reserved";
                },
                "baredesc",
                bareLabel ? "can be bare label" : "requires AS");
    }
}
