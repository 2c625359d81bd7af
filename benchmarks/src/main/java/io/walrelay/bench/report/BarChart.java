package io.walrelay.bench.report;

import io.walrelay.bench.figure.Figure;
import io.walrelay.bench.figure.Series;
import io.walrelay.bench.figure.Summary;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Horizontal bars as SVG: a group for each figure, a bar for each contender as long as its median, a whisker from min
 * to max.
 */
final class BarChart {
    private static final int WIDTH = 760;
    private static final int LEFT = 250;
    private static final int RIGHT = 90;
    private static final int TOP = 64;
    private static final int BAR = 14;
    private static final int GAP = 16;
    private static final List<String> COLOURS = List.of("#336791", "#e07a3f", "#8fb8d8", "#9a9a9a");

    private final List<Figure> figures;
    private final List<String> contenders;
    private final double most;

    /** @param figures at least one, all in the same unit */
    BarChart(List<Figure> figures) {
        this.figures = figures;
        Set<String> names = new LinkedHashSet<>();
        double highest = 0;
        for (Figure figure : figures) {
            for (Series series : figure.series()) {
                names.add(series.contender());
                highest = Math.max(highest, series.summary().max());
            }
        }
        contenders = List.copyOf(names);
        most = highest > 0 ? highest : 1;
    }

    /** The picture. */
    String svg() {
        int height = TOP + GAP;
        for (Figure figure : figures) {
            height += figure.series().size() * (BAR + 3) + GAP;
        }
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" \
                font-family="system-ui, sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="#ffffff"/>
                <text x="12" y="22" font-size="15" font-weight="600" fill="#222222">%s</text>
                """, WIDTH, height, WIDTH, height, escape(Charts.title(figures.getFirst()))));
        legend(svg);
        int y = TOP;
        for (Figure figure : figures) {
            y = group(figure, y, svg) + GAP;
        }
        return svg.append("</svg>\n").toString();
    }

    private void legend(StringBuilder svg) {
        int x = 12;
        for (String contender : contenders) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"34\" width=\"11\" height=\"11\" rx=\"2\" fill=\"%s\"/>"
                            + "<text x=\"%d\" y=\"44\" fill=\"#444444\">%s</text>%n",
                    x,
                    colour(contender),
                    x + 16,
                    escape(contender)));
            x += 36 + contender.length() * 7;
        }
    }

    private int group(Figure figure, int top, StringBuilder svg) {
        int y = top;
        int height = figure.series().size() * (BAR + 3);
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#222222\">%s</text>%n",
                LEFT - 10,
                top + height / 2 + 3,
                escape(figure.setting() + ", " + figure.place())));
        for (Series series : figure.series()) {
            bar(series, y, svg);
            y += BAR + 3;
        }
        return y;
    }

    private void bar(Series series, int y, StringBuilder svg) {
        Summary summary = series.summary();
        double middle = y + BAR / 2.0;
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>%n",
                LEFT,
                y,
                length(summary.median()),
                BAR,
                colour(series.contender())));
        svg.append(String.format(
                Locale.ROOT,
                "<path d=\"M%.1f %.1fH%.1fM%.1f %.1fv6M%.1f %.1fv6\" stroke=\"#222222\" fill=\"none\"/>%n",
                LEFT + length(summary.min()),
                middle,
                LEFT + length(summary.max()),
                LEFT + length(summary.min()),
                middle - 3,
                LEFT + length(summary.max()),
                middle - 3));
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" fill=\"#222222\">%s</text>%n",
                LEFT + length(summary.max()) + 6,
                middle + 4,
                Numbers.text(summary.median())));
    }

    private double length(double value) {
        return Math.max(0, value) / most * (WIDTH - LEFT - RIGHT);
    }

    private String colour(String contender) {
        if (contender.equals(Series.RELAY)) {
            return COLOURS.get(1);
        }
        int index = 0;
        for (String other : contenders) {
            if (other.equals(contender)) {
                break;
            }
            index += other.equals(Series.RELAY) ? 0 : 1;
        }
        return List.of(COLOURS.get(0), COLOURS.get(2), COLOURS.get(3)).get(index % 3);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
