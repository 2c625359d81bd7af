package io.walrelay.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.config.ConnectionInfo;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class HostOrderTest {
    private static final int DRAWS = 6000;

    private final RandomGenerator random = new SplittableRandom(4711);

    private HostOrder order(String conninfo) throws Exception {
        return new HostOrder(ConnectionInfo.parse(conninfo), random);
    }

    private static List<Integer> indexes(List<HostOrder.Candidate> candidates) {
        return candidates.stream().map(HostOrder.Candidate::index).toList();
    }

    @Test
    void hostsComeAsWrittenFromTheFirstOnAndThoseBeforeItLast() throws Exception {
        // Given
        HostOrder order = order("host=a,b,c");

        // When
        List<HostOrder.Candidate> candidates = order.candidates(1);

        // Then
        assertThat(indexes(candidates)).containsExactly(1, 2, 0);
        assertThat(indexes(order.candidates(5))).containsExactly(2, 0, 1);
        assertThat(candidates).extracting(HostOrder.Candidate::target).containsOnly(TargetSession.ANY);
    }

    @Test
    void aSecondPassTakesAnyHostInTheSameOrderWhereAStandbyIsOnlyPreferred() throws Exception {
        // Given
        HostOrder order = order("host=a,b,c target_session_attrs=prefer-standby load_balance_hosts=random");

        // When
        List<HostOrder.Candidate> candidates = order.candidates(0);

        // Then
        assertThat(candidates).hasSize(6);
        assertThat(indexes(candidates.subList(3, 6))).isEqualTo(indexes(candidates.subList(0, 3)));
        assertThat(candidates.subList(0, 3))
                .extracting(HostOrder.Candidate::target)
                .containsOnly(TargetSession.PREFER_STANDBY);
        assertThat(candidates.subList(3, 6))
                .extracting(HostOrder.Candidate::target)
                .containsOnly(TargetSession.ANY);
    }

    @Test
    void eachOrderOfTheHostsIsDrawnAboutAsOftenAsTheOthers() throws Exception {
        // Given
        HostOrder order = order("host=a,b,c load_balance_hosts=random");

        // When
        Map<List<Integer>, Integer> drawn = new HashMap<>();
        for (int i = 0; i < DRAWS; i++) {
            drawn.merge(indexes(order.candidates(0)), 1, Integer::sum);
        }

        // Then
        assertThat(drawn).hasSize(6);
        assertThat(drawn.values()).allSatisfy(times -> assertThat(times).isBetween(DRAWS / 6 - 150, DRAWS / 6 + 150));
    }

    @Test
    void theAddressesOfAHostAreDrawnTooAndStayInTheSystemsOrderOtherwise() throws Exception {
        // Given
        List<InetAddress> found = List.of(
                InetAddress.getByAddress(new byte[] {127, 0, 0, 1}),
                InetAddress.getByAddress(new byte[] {127, 0, 0, 2}),
                InetAddress.getByAddress(new byte[] {127, 0, 0, 3}));
        HostOrder drawn = order("host=a load_balance_hosts=random");

        // When
        Map<InetAddress, Integer> first = new HashMap<>();
        for (int i = 0; i < DRAWS; i++) {
            first.merge(drawn.addresses(found).getFirst(), 1, Integer::sum);
        }

        // Then
        assertThat(first.values())
                .hasSize(3)
                .allSatisfy(times -> assertThat(times).isBetween(DRAWS / 3 - 200, DRAWS / 3 + 200));
        assertThat(order("host=a").addresses(found)).isEqualTo(found);
        assertThat(order("host=a load_balance_hosts=disable").addresses(found)).isEqualTo(found);
    }

    @Test
    void aHostThatIsAskedForComesFirstWhateverWouldBeDrawn() throws Exception {
        // Given
        HostOrder order = order("host=a,b,c load_balance_hosts=random");

        // When
        for (int i = 0; i < 20; i++) {
            // Then
            assertThat(indexes(order.candidatesFrom(1))).containsExactly(1, 2, 0);
        }
    }
}
