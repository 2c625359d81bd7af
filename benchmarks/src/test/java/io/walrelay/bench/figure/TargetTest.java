package io.walrelay.bench.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TargetTest {
    private static Figure rate(String setting, double peer, double relay) {
        return new Figure(
                "fan-out",
                "tmpfs",
                setting,
                "rate of all",
                "MB/s",
                List.of(new Series("PostgreSQL", List.of(peer)), new Series(Series.RELAY, List.of(relay))));
    }

    @Test
    void aLeastTargetIsMetFromItsLimitOn() {
        // When
        List<Target.Outcome> outcomes = Targets.outcomes(List.of(rate("8 clients, 1 GB each", 1000, 1500)));

        // Then
        assertThat(outcomes).singleElement().satisfies(outcome -> {
            assertThat(outcome.met()).isTrue();
            assertThat(outcome.value()).isEqualTo(1.5);
            assertThat(outcome.where()).isEqualTo("8 clients, 1 GB each, tmpfs");
        });
    }

    @Test
    void aLeastTargetIsMissedBelowItsLimit() {
        assertThat(Targets.outcomes(List.of(rate("8 clients, 1 GB each", 1000, 1499))))
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.met()).isFalse());
    }

    @Test
    void nothingIsAskedOfOneClient() {
        assertThat(Targets.outcomes(List.of(rate("1 client, 1 GB each", 1000, 10))))
                .isEmpty();
    }

    @Test
    void aMostTargetIsMissedAboveItsLimit() {
        // Given
        Figure time = new Figure(
                "ingest",
                "ext4",
                "first 2 GB",
                "wall time",
                "s",
                List.of(new Series("pg_receivewal", List.of(1.0)), new Series(Series.RELAY, List.of(1.1))));

        // Then
        assertThat(Targets.outcomes(List.of(time)))
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.met()).isFalse());
    }
}
