package io.walrelay.bench.figure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The distribution of many values. One thread owns an instance. */
public final class Percentiles {
    private final List<Double> values = new ArrayList<>();

    /** None yet. */
    public Percentiles() {}

    /** Adds one. */
    public void add(double value) {
        values.add(value);
    }

    /** The least value that so many percent of them do not exceed; there must be one. */
    public double at(double percent) {
        Collections.sort(values);
        int rank = (int) Math.ceil(percent / 100 * values.size());
        return values.get(Math.max(0, rank - 1));
    }
}
