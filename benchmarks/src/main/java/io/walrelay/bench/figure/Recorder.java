package io.walrelay.bench.figure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the samples of one case on one file system, in the order in which they come. One thread owns an instance.
 */
public final class Recorder {
    private record Key(String setting, String metric, String unit) {}

    private final String benchCase;
    private final String place;
    private final Map<Key, Map<String, List<Double>>> samples = new LinkedHashMap<>();

    /** Nothing is collected yet. */
    public Recorder(String benchCase, String place) {
        this.benchCase = benchCase;
        this.place = place;
    }

    /** Adds one sample. */
    public void add(String setting, String metric, String unit, String contender, double value) {
        samples.computeIfAbsent(new Key(setting, metric, unit), key -> new LinkedHashMap<>())
                .computeIfAbsent(contender, key -> new ArrayList<>())
                .add(value);
    }

    /** All that was collected. */
    public List<Figure> figures() {
        return samples.entrySet().stream()
                .map(entry -> figure(entry.getKey(), entry.getValue()))
                .toList();
    }

    private Figure figure(Key key, Map<String, List<Double>> byContender) {
        List<Series> series = byContender.entrySet().stream()
                .map(entry -> new Series(entry.getKey(), entry.getValue()))
                .toList();
        return new Figure(benchCase, place, key.setting(), key.metric(), key.unit(), series);
    }
}
