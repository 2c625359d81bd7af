package io.walrelay.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.bench.figure.CaseResult;
import io.walrelay.bench.figure.Figure;
import io.walrelay.bench.figure.Series;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.NodeList;

class ReportTest {
    private static final Figure TIME = new Figure(
            "ingest",
            "tmpfs",
            "first <2> GB",
            "wall time",
            "s",
            List.of(
                    new Series("pg_receivewal", List.of(2.0, 4.0, 3.0)),
                    new Series(Series.RELAY, List.of(1.0, 2.0, 6.0))));

    private static final CaseResult RESULT =
            new CaseResult("ingest", "2026-11-22T12:00:00Z", List.of("a machine"), List.of("A note."), List.of(TIME));

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @Test
    void textAlignsNumbersAndTellsTheRatioBesideThePeer() {
        assertThat(TextReport.of(List.of(RESULT)))
                .contains(
                        "tmpfs  first <2> GB  wall time, s  pg_receivewal    3.00  2.00  4.00  0.500 (0.500 to 2.00)\n")
                .contains("                                   walrelay         2.00  1.00  6.00\n")
                .contains(
                        "Ingest: wall time, relay to pg_receivewal, first <2> GB, tmpfs: 0.500 (at most 1.00): met\n");
    }

    @Test
    void aTargetThatIsMissedStandsOutInBoth() {
        // Given
        CaseResult slow = new CaseResult(
                "wan",
                "2026-11-22T12:00:00Z",
                List.of(),
                List.of(),
                List.of(new Figure(
                        "wan",
                        "tmpfs",
                        "a link",
                        "WAL for each byte on the wire",
                        "bytes",
                        List.of(new Series(Series.RELAY, List.of(3.25))))));

        // Then
        assertThat(TextReport.of(List.of(slow)))
                .contains("WAN: bytes of WAL for each on the wire, a link, tmpfs: 3.25 (at least 4.00): MISSED\n");
        assertThat(MarkdownReport.of(List.of(slow), "")).contains("| at least 4.00 | 3.25 | **missed** |");
    }

    @Test
    void markdownHoldsTheRowsTheTargetsAndTheCharts() {
        assertThat(MarkdownReport.of(List.of(RESULT), "performance/"))
                .contains("| tmpfs | first <2> GB | wall time, s | pg_receivewal | 3.00 | 2.00 | 4.00 |")
                .contains("| at most 1.00 | 0.500 | met |")
                .contains("(performance/ingest-wall-time-s.svg)");
    }

    @Test
    void whatIsReadBackIsWhatWasWritten() throws IOException {
        // Given
        Path file = directory.resolve("results.json");

        // When
        JsonFile.write(file, List.of(RESULT));

        // Then
        assertThat(JsonFile.read(file)).containsExactly(RESULT);
        assertThat(Files.readString(file)).contains("\"median\": 3.0").contains("\"met\": true");
    }

    @Test
    void thereAreNoResultsWhereThereIsNoFile() throws IOException {
        assertThat(JsonFile.read(directory.resolve("none.json"))).isEmpty();
    }

    @Test
    void chartHasABarForEachContenderAsLongAsItsMedian() throws Exception {
        // When
        Charts.write(directory, List.of(TIME));

        // Then
        byte[] svg = Files.readAllBytes(directory.resolve("ingest-wall-time-s.svg"));
        NodeList bars = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg))
                .getElementsByTagName("rect");
        // The background, two in the legend, and the bars; the longest whisker, of 6, takes all of the 420 there are.
        assertThat(bars.getLength()).isEqualTo(5);
        assertThat(bars.item(3).getAttributes().getNamedItem("width").getNodeValue())
                .isEqualTo("210.0");
        assertThat(bars.item(4).getAttributes().getNamedItem("width").getNodeValue())
                .isEqualTo("140.0");
        assertThat(new String(svg, StandardCharsets.UTF_8)).contains("first &lt;2&gt; GB");
    }

    @Test
    void documentKeepsWhatIsAroundTheResults() throws IOException {
        // Given
        Path document = directory.resolve("document.md");
        Files.writeString(document, """
                before
                <!-- begin: written by ./walrelay bench -->
                old
                <!-- end: written by ./walrelay bench -->
                after
                """);

        // When
        Document.fill(document, directory.resolve("plots"), List.of(RESULT));

        // Then
        assertThat(Files.readString(document))
                .startsWith("before\n<!-- begin")
                .endsWith("<!-- end: written by ./walrelay bench -->\nafter\n")
                .contains("### ingest", "(plots/ingest-wall-time-s.svg)")
                .doesNotContain("old");
    }

    @Test
    void documentWithoutAPlaceForTheResultsIsRefused() throws IOException {
        // Given
        Path document = Files.writeString(directory.resolve("document.md"), "nothing\n");

        // Then
        assertThatThrownBy(() -> Document.fill(document, directory, List.of(RESULT)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has no line");
    }
}
