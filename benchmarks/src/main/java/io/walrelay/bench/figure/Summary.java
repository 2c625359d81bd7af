package io.walrelay.bench.figure;

import java.util.List;

/**
 * What is told of some samples of one thing, in its unit.
 *
 * @param median the middle one, or the mean of the two in the middle
 */
public record Summary(double median, double min, double max) {
    /** Of at least one sample. */
    public static Summary of(List<Double> samples) {
        double[] sorted =
                samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no samples");
        }
        double median = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        return new Summary(median, sorted[0], sorted[sorted.length - 1]);
    }
}
