package io.walrelay.bench.report;

import io.walrelay.bench.figure.Figure;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.figure.Summary;
import java.util.ArrayList;
import java.util.List;

/** The figures of one case as rows of text: a row for each contender of each. */
final class Table {
    /** The columns. */
    static final List<String> HEADINGS =
            List.of("where", "setting", "figure", "of", "median", "min", "max", "relay to it");

    /** Columns from here on hold numbers. */
    static final int FIRST_NUMBER = 4;

    private Table() {}

    /** The rows; a cell that would repeat the one above is empty. */
    static List<List<String>> rows(List<Figure> figures) {
        List<List<String>> rows = new ArrayList<>();
        List<String> above = List.of("", "", "");
        for (Figure figure : figures) {
            List<String> own = List.of(figure.place(), figure.setting(), figure.metric() + ", " + figure.unit());
            List<String> shown = unrepeated(own, above);
            for (Series series : figure.series()) {
                List<String> row = new ArrayList<>(shown);
                row.addAll(cells(figure, series));
                rows.add(row);
                shown = List.of("", "", "");
            }
            above = own;
        }
        return rows;
    }

    private static List<String> unrepeated(List<String> own, List<String> above) {
        int same = 0;
        while (same < own.size() - 1 && own.get(same).equals(above.get(same))) {
            same++;
        }
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
            cells.add(i < same ? "" : own.get(i));
        }
        return cells;
    }

    private static List<String> cells(Figure figure, Series series) {
        Summary summary = series.summary();
        String ratio = series.contender().equals(Series.RELAY)
                ? ""
                : figure.ratioTo(series)
                        .map(of -> Numbers.text(of.median()) + " (" + Numbers.text(of.min()) + " to "
                                + Numbers.text(of.max()) + ")")
                        .orElse("");
        return List.of(
                series.contender(),
                Numbers.text(summary.median()),
                Numbers.text(summary.min()),
                Numbers.text(summary.max()),
                ratio);
    }
}
