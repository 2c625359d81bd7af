package io.walrelay.bench.report;

import io.walrelay.bench.figure.CaseResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A Markdown document that holds the results of the last run between two lines. */
public final class Document {
    private static final String BEGIN = "<!-- begin: written by ./walrelay bench -->\n";
    private static final String END = "<!-- end: written by ./walrelay bench -->\n";

    private Document() {}

    /**
     * Replaces what is between the lines.
     *
     * @param charts the directory of the plots
     * @throws IOException also when the document has no such lines
     */
    public static void fill(Path document, Path charts, List<CaseResult> results) throws IOException {
        String text = Files.readString(document);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(
                    "\"" + document + "\" has no line " + BEGIN.strip() + " with " + END.strip() + " after it");
        }
        Path folder = document.toAbsolutePath().normalize().getParent();
        String path =
                folder == null ? "" : folder.relativize(charts.toAbsolutePath().normalize()) + "/";
        Files.writeString(
                document,
                text.substring(0, begin) + BEGIN + "\n" + MarkdownReport.of(results, path) + "\n"
                        + text.substring(end));
    }
}
