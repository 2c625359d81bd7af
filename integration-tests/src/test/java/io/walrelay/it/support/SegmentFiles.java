package io.walrelay.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The complete segments in a directory of WAL, to be compared with those in another. */
public final class SegmentFiles {
    private SegmentFiles() {}

    /** Their names, in order; partial ones and history files are left out. */
    public static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.matches("[0-9A-F]{24}"))
                    .sorted()
                    .toList();
        }
    }

    /**
     * Compares all complete segments with the files of the same names elsewhere, which must have them.
     *
     * @return how many there are
     */
    public static int assertSame(Path directory, Path origin) throws IOException {
        List<String> names = names(directory);
        for (String name : names) {
            assertThat(Files.mismatch(directory.resolve(name), origin.resolve(name)))
                    .as("the first byte in which %s differs from %s", directory.resolve(name), origin)
                    .isEqualTo(-1);
        }
        return names.size();
    }
}
