package io.walrelay.proxy.hba;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The file that an {@code @name} in pg_hba.conf stands for: names, separated by blanks, commas or lines. */
final class NameFile {
    private NameFile() {}

    /** Its names; empty if it cannot be read. A relative name counts from the directory of the file that holds it. */
    static Optional<List<String>> read(Path from, String name) {
        try {
            return Optional.of(Files.readAllLines(from.resolveSibling(name), StandardCharsets.UTF_8).stream()
                    .flatMap(line -> HbaTokens.fields(line).stream())
                    .flatMap(List::stream)
                    .map(HbaTokens.Token::text)
                    .toList());
        } catch (IOException | InvalidPathException e) {
            return Optional.empty();
        }
    }
}
