package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.LauncherProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code ./walrelay bench}, with so little to measure that its figures mean nothing. */
class BenchIT {
    private static final String SLOW_LINK = "wan";
    private static final Pattern CASE = Pattern.compile("(?m)^  ([a-z-]+)  ");
    private static final Pattern ROW =
            Pattern.compile("\\|[^|]*\\|[^|]*\\|[^|]*\\| ([^|]+) \\| (-?[0-9.]+) \\|( -?[0-9.]+ \\|){2}[^|]*\\|");
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

    @ParameterizedTest
    @MethodSource("others")
    void quickBenchmarkOfEachOtherCaseWritesFiguresOfBothSides(String benchCase, Set<String> contenders)
            throws Exception {
        // Given
        ClientTools.require(15);
        assumeTrue(!benchCase.equals(SLOW_LINK) || canMakeLink(), "it needs root, /dev/net/tun, and Java 22 or newer");
        Path output = directory.resolve("output");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));

        // When
        LauncherProcess.run(
                directory,
                List.of("bench", benchCase, "--quick", "--pairs=1", "--dir=" + directory, "--output=" + output));

        // Then
        Map<String, List<Double>> medians = medians(output.resolve("results.md"));
        assertThat(medians.keySet()).isEqualTo(contenders);
        assertThat(medians).allSatisfy((contender, values) -> assertThat(values).anyMatch(value -> value > 0));
    }

    static Stream<Arguments> others() {
        return Stream.of(
                arguments("fan-out-tls", Set.of("PostgreSQL", "walrelay")),
                arguments("live", Set.of("PostgreSQL", "cascading standby", "walrelay")),
                arguments("latency", Set.of("directly", "cascading standby", "walrelay")),
                arguments("sync-commit", Set.of("pg_receivewal --synchronous", "PostgreSQL standby", "walrelay")),
                arguments("rest", Set.of("cascading standby", "walrelay", "pg_receivewal")),
                arguments(
                        SLOW_LINK,
                        Set.of("pg_receivewal", "walrelay, not compressed", "walrelay, level 1", "walrelay")),
                // The relay's own parts, beside nobody.
                arguments("parts", Set.of("walrelay")));
    }

    /** Of each contender, in a row of the tables each: where, setting, figure, contender, median, and more. */
    private static Map<String, List<Double>> medians(Path markdown) throws IOException {
        Map<String, List<Double>> medians = new HashMap<>();
        for (String line : Files.readAllLines(markdown)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                medians.computeIfAbsent(row.group(1), contender -> new ArrayList<>())
                        .add(Double.valueOf(row.group(2)));
            }
        }
        return medians;
    }

    private static boolean canMakeLink() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)
                && Files.isReadable(Path.of("/dev/net/tun"))
                && Runtime.version().feature() >= 22;
    }

    @Test
    void everyCaseIsTriedHere() throws Exception {
        // When
        String help = LauncherProcess.run(directory, List.of("bench", "--help"));

        // Then
        List<String> tried = Stream.concat(
                        Stream.of("ingest", "fan-out"), others().map(one -> String.valueOf(one.get()[0])))
                .toList();
        assertThat(CASE.matcher(help.substring(help.indexOf("Cases:")))
                        .results()
                        .map(one -> one.group(1)))
                .containsExactlyInAnyOrderElementsOf(tried);
    }

    @Test
    void caseThatIsNotThereIsRefused() throws Exception {
        assertThat(LauncherProcess.runFailing(directory, List.of("bench", "nonsense")))
                .contains("there is no case \"nonsense\"");
    }
}
