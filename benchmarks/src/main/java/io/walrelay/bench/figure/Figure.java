package io.walrelay.bench.figure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One thing that was measured of several contenders in alternation.
 *
 * @param benchCase such as {@code ingest}
 * @param place the file system on which it was measured, such as {@code tmpfs}
 * @param setting what else distinguishes it within its case, such as {@code 8 clients}
 * @param metric what was measured, such as {@code CPU}
 * @param unit of the samples, such as {@code s/GB}
 * @param series at least one
 */
public record Figure(String benchCase, String place, String setting, String metric, String unit, List<Series> series) {
    /** Copies the list. */
    public Figure {
        series = List.copyOf(series);
    }

    /** The samples of a contender. */
    public Optional<Series> of(String contender) {
        return series.stream().filter(one -> one.contender().equals(contender)).findFirst();
    }

    /** The relay as it comes. */
    public Optional<Series> relay() {
        return of(Series.RELAY);
    }

    /**
     * The relay's sample divided by the peer's, pair by pair; empty where one of them is missing or the peer's is 0.
     */
    public Optional<Summary> ratioTo(Series peer) {
        List<Double> ratios = new ArrayList<>();
        relay().ifPresent(own -> {
            for (int i = 0; i < Math.min(own.samples().size(), peer.samples().size()); i++) {
                double divisor = peer.samples().get(i);
                if (divisor > 0) {
                    ratios.add(own.samples().get(i) / divisor);
                }
            }
        });
        return ratios.isEmpty() ? Optional.empty() : Optional.of(Summary.of(ratios));
    }

    /** What distinguishes it from all others. */
    public String title() {
        return benchCase + ", " + setting + ", " + place + ": " + metric + " (" + unit + ")";
    }
}
