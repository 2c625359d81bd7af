package io.walrelay.replication.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.ServerVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares the parser with what real servers of every major answered to the same queries. */
class GrammarSheetTest {
    private static final Map<Integer, String> VERSIONS = Map.of(
            10, "10.23", 11, "11.22", 12, "12.22", 13, "13.23", 14, "14.24", 15, "15.18", 16, "16.15", 17, "17.11", 18,
            "18.6");

    record Row(String majors, String query, String outcome) {}

    static Stream<Row> sheet() throws IOException {
        try (InputStream sheet = Objects.requireNonNull(GrammarSheetTest.class.getResourceAsStream("grammar.tsv"))) {
            return new String(sheet.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .map(row ->
                            new Row(row[0], row[1].replace("\\x0b", "\u000b").replace("\\x0c", "\f"), row[2]));
        }
    }

    @ParameterizedTest
    @MethodSource("sheet")
    void parsesAsEveryServerDid(Row row) {
        assertThat(majors(row.majors())).allSatisfy(major -> {
            ServerVersion version = ServerVersion.parse(Objects.requireNonNull(VERSIONS.get(major)));

            ParseResult result = new ReplicationCommandParser(version).parse(row.query());

            assertThat(outcome(result)).as("on %s", version).isEqualTo(row.outcome());
        });
    }

    private static List<Integer> majors(String ranges) {
        return Arrays.stream(ranges.split(",", -1))
                .map(range -> range.split("-", -1))
                .flatMapToInt(ends ->
                        IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])))
                .boxed()
                .toList();
    }

    private static String outcome(ParseResult result) {
        String notices = result.notices().stream()
                .map(notice -> "NOTICE " + notice.sqlState() + " " + notice.message() + " | ")
                .collect(Collectors.joining());
        return notices
                + switch (result) {
                    case ParseResult.Command command -> "COMMAND";
                    case ParseResult.Sql sql -> "SQL";
                    case ParseResult.Refused refused -> refused.sqlState() + " " + refused.message();
                };
    }
}
