package io.walrelay.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FigureTest {
    private static final Series PEER = new Series("peer", List.of(4.0, 2.0, 10.0));

    private static Figure figure(Series... series) {
        return new Figure("case", "tmpfs", "one", "time", "s", List.of(series));
    }

    @Test
    void medianIsTheMiddleSampleWhateverTheirOrder() {
        assertThat(Summary.of(List.of(9.0, 1.0, 5.0))).isEqualTo(new Summary(5, 1, 9));
    }

    @Test
    void medianIsTheMeanOfTheTwoInTheMiddleWhenTheirNumberIsEven() {
        assertThat(Summary.of(List.of(9.0, 1.0, 5.0, 6.0)).median()).isEqualTo(5.5);
    }

    @Test
    void nothingIsToldOfNoSamples() {
        assertThatThrownBy(() -> Summary.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ratioIsTakenPairByPairAndNotOfTheMedians() {
        // Given pairs of 1/4, 2/2 and 20/10, whose medians are 2 and 4
        Figure figure = figure(PEER, new Series(Series.RELAY, List.of(1.0, 2.0, 20.0)));

        // When
        Optional<Summary> ratio = figure.ratioTo(PEER);

        // Then
        assertThat(ratio).contains(new Summary(1, 0.25, 2));
    }

    @Test
    void ratioLeavesPairsOutWhosePeerTookNothing() {
        // Given
        Series peer = new Series("peer", List.of(0.0, 2.0));
        Figure figure = figure(peer, new Series(Series.RELAY, List.of(1.0, 3.0)));

        // Then
        assertThat(figure.ratioTo(peer)).contains(new Summary(1.5, 1.5, 1.5));
    }

    @Test
    void thereIsNoRatioWhenTheRelayWasNotMeasured() {
        assertThat(figure(PEER).ratioTo(PEER)).isEmpty();
    }

    @Test
    void variantsOfTheRelayAreNotTheRelayAsItComes() {
        // Given
        Series variant = new Series("walrelay, wal_verify=off", List.of(1.0));

        // Then
        assertThat(variant.isRelay()).isTrue();
        assertThat(figure(variant).relay()).isEmpty();
    }

    @Test
    void percentileIsTheLeastValueThatSoManyDoNotExceed() {
        // Given
        Percentiles values = new Percentiles();
        for (int i = 100; i >= 1; i--) {
            values.add(i);
        }

        // Then
        assertThat(values.at(50)).isEqualTo(50);
        assertThat(values.at(99)).isEqualTo(99);
        assertThat(values.at(100)).isEqualTo(100);
    }

    @Test
    void contendersTakeTurnsInBothOrders() throws Exception {
        // Given
        List<String> taken = new ArrayList<>();

        // When
        Alternation.run(3, List.of("a", "b"), (contender, round) -> taken.add(contender + round));

        // Then
        assertThat(taken).containsExactly("a0", "b0", "b1", "a1", "a2", "b2");
    }

    @Test
    void recorderKeepsSettingsMetricsAndContendersApartAndInOrder() {
        // Given
        Recorder recorder = new Recorder("case", "ext4");

        // When
        recorder.add("one", "time", "s", "peer", 1);
        recorder.add("one", "CPU", "s", "peer", 2);
        recorder.add("one", "time", "s", Series.RELAY, 3);
        recorder.add("one", "time", "s", "peer", 4);

        // Then
        assertThat(recorder.figures())
                .containsExactly(
                        new Figure(
                                "case",
                                "ext4",
                                "one",
                                "time",
                                "s",
                                List.of(new Series("peer", List.of(1.0, 4.0)), new Series(Series.RELAY, List.of(3.0)))),
                        new Figure("case", "ext4", "one", "CPU", "s", List.of(new Series("peer", List.of(2.0)))));
    }
}
