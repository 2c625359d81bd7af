package io.walrelay.bench.report;

import io.walrelay.bench.figure.CaseResult;
import io.walrelay.bench.figure.Target;
import io.walrelay.bench.figure.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Results for a terminal. */
public final class TextReport {
    private TextReport() {}

    /** All of it. */
    public static String of(List<CaseResult> results) {
        StringBuilder text = new StringBuilder();
        for (CaseResult result : results) {
            text.append(result.benchCase()).append(", ").append(result.taken()).append('\n');
            result.environment().forEach(line -> text.append("  ").append(line).append('\n'));
            result.notes().forEach(line -> text.append("  ").append(line).append('\n'));
            text.append('\n').append(table(Table.rows(result.figures()))).append('\n');
        }
        List<Target.Outcome> outcomes = Targets.outcomes(
                results.stream().flatMap(result -> result.figures().stream()).toList());
        if (!outcomes.isEmpty()) {
            text.append("targets\n");
            outcomes.forEach(outcome -> text.append("  ").append(line(outcome)).append('\n'));
        }
        return text.toString();
    }

    private static String line(Target.Outcome outcome) {
        return outcome.target().what() + ", " + outcome.where() + ": " + Numbers.text(outcome.value()) + " ("
                + Numbers.limit(outcome.target()) + "): " + (outcome.met() ? "met" : "MISSED");
    }

    private static String table(List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>();
        all.add(Table.HEADINGS);
        all.addAll(rows);
        int[] widths = new int[Table.HEADINGS.size()];
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return all.stream().map(row -> line(row, widths)).collect(Collectors.joining());
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = row.get(i);
            String space = " ".repeat(widths[i] - cell.length());
            boolean number = i >= Table.FIRST_NUMBER && i < widths.length - 1;
            line.append("  ").append(number ? space + cell : cell + space);
        }
        return line.toString().stripTrailing() + "\n";
    }
}
