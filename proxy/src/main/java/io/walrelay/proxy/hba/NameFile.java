package io.walrelay.proxy.hba;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The file that an {@code @name} in pg_hba.conf stands for: names, separated by blanks, commas or lines. */
final class NameFile {
    private NameFile() {}

    /** Its names; empty if it cannot be read. */
    static Optional<List<String>> read(Path file) {
        try {
            return Optional.of(Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                    .flatMap(line -> HbaTokens.fields(line).stream())
                    .flatMap(List::stream)
                    .map(HbaTokens.Token::text)
                    .toList());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
