package io.walrelay.bench.report;

import io.walrelay.bench.figure.CaseResult;
import io.walrelay.bench.figure.Figure;
import io.walrelay.bench.figure.Target;
import io.walrelay.bench.figure.Targets;
import java.util.List;

/** Results as Markdown. */
public final class MarkdownReport {
    private MarkdownReport() {}

    /**
     * All of it.
     *
     * @param charts the path under which the plots are seen from the document, with a slash at its end or empty
     */
    public static String of(List<CaseResult> results, String charts) {
        StringBuilder text = new StringBuilder();
        targets(results, text);
        for (CaseResult result : results) {
            text.append("### ").append(result.benchCase()).append("\n\n");
            result.notes().forEach(note -> text.append("- ").append(note).append('\n'));
            text.append("\nTaken ").append(result.taken()).append(". ");
            text.append(String.join("; ", result.environment())).append(".\n\n");
            row(Table.HEADINGS, text);
            text.append("|---|---|---|---|--:|--:|--:|---|\n");
            Table.rows(result.figures()).forEach(row -> row(row, text));
            text.append('\n');
            for (List<Figure> group : Charts.groups(result.figures())) {
                String name = Charts.fileName(group.getFirst());
                text.append("![").append(Charts.title(group.getFirst())).append("](");
                text.append(charts).append(name).append(")\n");
            }
            text.append('\n');
        }
        return text.toString().stripTrailing() + "\n";
    }

    private static void targets(List<CaseResult> results, StringBuilder text) {
        List<Target.Outcome> outcomes = Targets.outcomes(
                results.stream().flatMap(result -> result.figures().stream()).toList());
        if (outcomes.isEmpty()) {
            return;
        }
        text.append("### Targets\n\n| target | where | | measured | |\n|---|---|--:|--:|---|\n");
        for (Target.Outcome outcome : outcomes) {
            Target target = outcome.target();
            row(
                    List.of(
                            target.what(),
                            outcome.where(),
                            Numbers.limit(target),
                            Numbers.text(outcome.value()),
                            outcome.met() ? "met" : "**missed**"),
                    text);
        }
        text.append('\n');
    }

    private static void row(List<String> cells, StringBuilder text) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
