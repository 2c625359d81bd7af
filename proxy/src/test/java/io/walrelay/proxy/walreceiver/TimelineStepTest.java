package io.walrelay.proxy.walreceiver;

import static io.walrelay.proxy.fixture.SampleCluster.history;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.timeline.TimelineHistory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class TimelineStepTest {
    private static final TimelineHistory FIRST = TimelineHistory.first();
    private static final TimelineHistory SECOND = history(TimelineId.of(2), "1\t0/3000100\tx");
    private static final TimelineHistory OTHER_SECOND = history(TimelineId.of(2), "1\t0/2000100\tx");
    private static final TimelineHistory THIRD = history(TimelineId.of(3), "1\t0/3000100\tx", "2\t0/5000100\ty");
    private static final TimelineHistory OTHER_THIRD = history(TimelineId.of(3), "1\t0/2000100\tx", "2\t0/5000100\ty");
    private static final TimelineHistory SEVENTH = history(TimelineId.of(7), "1\t0/3000100\tx");

    static Stream<Arguments> steps() {
        return Stream.of(
                arguments("the same timeline", FIRST, "0/100", FIRST, "stream"),
                arguments("the same timeline and ancestry", SECOND, "0/4000000", SECOND, "stream"),
                arguments("two promotions of one parent", SECOND, "0/4000000", OTHER_SECOND, "refuse: is not a child"),
                arguments("promoted, we are behind the switch", FIRST, "0/3000000", SECOND, "stream"),
                arguments("promoted, we are at the switch", FIRST, "0/3000100", SECOND, "2 at 0/3000100"),
                arguments("promoted, we are beyond the switch", FIRST, "0/3000200", SECOND, "2 at 0/3000100"),
                arguments("the next is not the next number", FIRST, "0/3000100", SEVENTH, "7 at 0/3000100"),
                arguments("one step at a time", FIRST, "0/3000100", THIRD, "2 at 0/3000100"),
                arguments("the second step", SECOND, "0/5000100", THIRD, "3 at 0/5000100"),
                arguments("another parent's fork", SECOND, "0/5000100", OTHER_THIRD, "refuse: is not a child"),
                arguments("upstream on our parent", SECOND, "0/3000100", FIRST, "refuse: is behind recovery timeline"),
                arguments("upstream on our grandparent", THIRD, "0/6000000", FIRST, "refuse: is behind recovery"),
                arguments("a timeline we were left out of", SECOND, "0/4000000", SEVENTH, "refuse: is not a child"),
                arguments("addresses beyond 2^63", FIRST, "FFFFFFFF/0", SECOND, "2 at 0/3000100"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("steps")
    void stepIsDecidedByHistoriesNotByNumbers(
            String about, TimelineHistory ours, String end, TimelineHistory upstream, String expected) {
        // When
        TimelineStep step = TimelineStep.decide(ours, Lsn.parse(end), upstream);

        // Then
        switch (step) {
            case TimelineStep.Stream stream -> assertThat("stream").isEqualTo(expected);
            case TimelineStep.SwitchTo to ->
                assertThat(to.next() + " at " + to.switchPoint()).isEqualTo(expected);
            case TimelineStep.Refuse refuse -> {
                assertThat(expected).startsWith("refuse: ");
                assertThat(refuse.reason().message()).contains(expected.substring("refuse: ".length()));
            }
        }
    }
}
