package io.walrelay.proxy.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.walrelay.replication.Lsn;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;

/** The metrics of one scrape, as they are put together. What is not known is left out. */
final class Families {
    private static final String PREFIX = "walrelay_";

    private final MetricSnapshots.Builder all = MetricSnapshots.builder();

    /** Facts in words. {@code _info} is added to the name. */
    void info(String name, String help, String... labels) {
        all.metricSnapshot(InfoSnapshot.builder()
                .name(PREFIX + name)
                .help(help)
                .dataPoint(InfoSnapshot.InfoDataPointSnapshot.builder()
                        .labels(Labels.of(labels))
                        .build())
                .build());
    }

    /** What only grows as long as the relay runs. {@code _total} is added to the name. */
    void counter(String name, String help, long value) {
        all.metricSnapshot(CounterSnapshot.builder()
                .name(PREFIX + name)
                .help(help)
                .dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .value((double) value)
                        .build())
                .build());
    }

    void gauge(String name, String help, double value) {
        GaugeSnapshot.Builder family =
                GaugeSnapshot.builder().name(PREFIX + name).help(help);
        add(family, Labels.EMPTY, value);
        all.metricSnapshot(family.build());
    }

    void gauge(String name, String help, boolean value) {
        gauge(name, help, value ? 1 : 0);
    }

    /** A position in the WAL, in bytes from its beginning; 0/0 is none. {@code _lsn_bytes} is added to the name. */
    void position(String name, String help, Lsn position) {
        if (position.isValid()) {
            gauge(name + "_lsn_bytes", help, bytes(position));
        }
    }

    /** One of each row for which there is a value. */
    <T> void gauges(
            String name,
            String help,
            Collection<T> rows,
            Function<? super T, Labels> labels,
            Function<? super T, Optional<Double>> value) {
        GaugeSnapshot.Builder family =
                GaugeSnapshot.builder().name(PREFIX + name).help(help);
        for (T row : rows) {
            value.apply(row).ifPresent(known -> add(family, labels.apply(row), known));
        }
        all.metricSnapshot(family.build());
    }

    private static void add(GaugeSnapshot.Builder family, Labels labels, double value) {
        family.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value(value)
                .build());
    }

    /** How much lies between two positions; none where the second is further. */
    static double bytes(Lsn from, Lsn to) {
        return to.isAfter(from) ? (double) to.minus(from) : 0;
    }

    static double bytes(Lsn position) {
        // Beyond 2^53, 9 PB, whole bytes are no longer told apart.
        return (double) position.value();
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    MetricSnapshots build() {
        return all.build();
    }
}
