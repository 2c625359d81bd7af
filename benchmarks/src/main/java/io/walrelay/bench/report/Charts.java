package io.walrelay.bench.report;

import io.walrelay.bench.figure.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which figures stand in one chart: those of one metric of one case. */
public final class Charts {
    private Charts() {}

    /** Writes a chart for each group of figures. */
    public static void write(Path directory, List<Figure> figures) throws IOException {
        for (List<Figure> group : groups(figures)) {
            Files.writeString(directory.resolve(fileName(group.getFirst())), new BarChart(group).svg());
        }
    }

    /** The figures that are comparable, in their order. */
    static List<List<Figure>> groups(List<Figure> figures) {
        Map<String, List<Figure>> groups = new LinkedHashMap<>();
        for (Figure figure : figures) {
            groups.computeIfAbsent(title(figure), key -> new ArrayList<>()).add(figure);
        }
        return List.copyOf(groups.values());
    }

    /** What stands above a chart. */
    static String title(Figure figure) {
        return figure.benchCase() + ": " + figure.metric() + ", " + figure.unit();
    }

    /** The file of a chart. */
    static String fileName(Figure figure) {
        String name = figure.benchCase() + "-" + figure.metric() + "-" + figure.unit();
        return name.toLowerCase(Locale.ROOT)
                        .replace("%", "percent")
                        .replace("µ", "u")
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("-$", "")
                + ".svg";
    }
}
