package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.LauncherProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./walrelay bench}, with so little to measure that its figures mean nothing. */
class BenchIT {
    private static final Pattern MEDIAN = Pattern.compile("\"median\": ([0-9.]+)");

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @Test
    void quickBenchmarkWritesTableJsonAndPlotsWithFiguresOfBothSides() throws Exception {
        // Given
        ClientTools.require(15);
        Path output = directory.resolve("output");
        // PostgreSQL's user has to come through here.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));

        // When
        String printed = LauncherProcess.run(
                directory,
                List.of(
                        "bench",
                        "ingest",
                        "fan-out",
                        "--quick",
                        "--pairs=1",
                        "--dir=" + directory,
                        "--output=" + output));

        // Then
        assertThat(printed)
                .containsPattern("first 64 MB +wall time, s +pg_receivewal +\\d+\\.\\d+")
                .containsPattern("8 clients, 64 MB each +rate of all, MB/s +PostgreSQL +\\d+")
                .containsPattern("walrelay +\\d+\\.\\d+")
                .contains("Ingest: wall time, relay to pg_receivewal", "Fan-out from 8 clients up: CPU per GB");
        assertThat(Files.readString(output.resolve("results.txt"))).contains("pg_receivewal");
        assertThat(Files.readString(output.resolve("results.md")))
                .contains("| pg_receivewal | ", "](fan-out-rate-of-all-mb-s.svg)");
        Matcher medians = MEDIAN.matcher(Files.readString(output.resolve("results.json")));
        assertThat(medians.results().filter(median -> Double.parseDouble(median.group(1)) > 0))
                .hasSizeGreaterThan(20);
        assertThat(Files.readString(output.resolve("fan-out-rate-of-all-mb-s.svg")))
                .startsWith("<svg")
                .contains("PostgreSQL", "walrelay", "8 clients, 64 MB each");
    }

    @Test
    void caseThatIsNotThereIsRefused() throws Exception {
        assertThat(LauncherProcess.runFailing(directory, List.of("bench", "nonsense")))
                .contains("there is no case \"nonsense\"");
    }
}
