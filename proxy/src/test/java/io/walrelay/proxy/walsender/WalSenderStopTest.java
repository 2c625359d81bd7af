package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.Frame;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.replication.Lsn;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A stream that is paused, streams at a shutdown, and one that has a defect. */
final class WalSenderStopTest extends SenderTest {
    @Test
    void aPausedClientIsSentNothingAndIsShownAsBehindUntilItIsResumed() throws Exception {
        // Given
        WalSender sender = begun(START);
        receive(store(), bytes(1000));
        assertThat(wal(sent())).hasSize(1);

        // When
        assertThat(sender.pause()).isTrue();
        receive(store(), bytes(1000));
        channel.runPendingTasks();
        sender.onMessage(status(START.plus(1000), START.plus(1000), Lsn.INVALID, true));

        // Then: keepalives tell no more than what was sent
        List<Frame> meanwhile = sent();
        assertThat(wal(meanwhile)).isEmpty();
        assertThat(meanwhile)
                .hasSize(1)
                .first()
                .isInstanceOfSatisfying(
                        Frame.Keepalive.class,
                        keepalive -> assertThat(keepalive.walEnd()).isEqualTo(START.plus(1000)));
        assertThat(status()).satisfies(shown -> {
            assertThat(shown.paused()).isTrue();
            assertThat(shown.state()).isEqualTo(ReplicationState.CATCHUP);
            assertThat(shown.title()).isEqualTo("walsender standby1 paused " + START.plus(1000));
        });
        assertThat(sender.pause()).isFalse();

        // When
        assertThat(sender.resume()).isTrue();

        // Then
        assertThat(wal(sent())).hasSize(1);
        assertThat(sender.sent()).isEqualTo(START.plus(2000));
        assertThat(status().paused()).isFalse();
        assertThat(sender.resume()).isFalse();
    }

    private SenderStatus status() {
        return registry.entries().getFirst().status(SyncStanding.ASYNC);
    }

    @Test
    void aShutdownEndsAPause() throws Exception {
        // Given
        WalSender sender = begun(START);
        sender.pause();
        receive(store(), bytes(1000));
        assertThat(wal(sent())).isEmpty();

        // When
        sender.shutDown();

        // Then
        assertThat(wal(sent())).hasSize(1);
        sender.onMessage(status(START.plus(1000), START.plus(1000), Lsn.INVALID, false));
        assertThat(end.seen).containsExactly("drained");
    }

    @Test
    void shutdownWaitsUntilTheClientHasFlushedAll() throws Exception {
        // Given
        receive(store(), bytes(1000));
        WalSender sender = begun(START);
        sender.onMessage(status(START.plus(1000), START.plus(400), Lsn.INVALID, false));

        // When
        sender.shutDown();
        sender.onMessage(status(START.plus(1000), START.plus(900), Lsn.INVALID, false));
        assertThat(end.seen).isEmpty();
        sender.onMessage(status(START.plus(1000), START.plus(1000), Lsn.INVALID, false));

        // Then
        assertThat(end.seen).containsExactly("drained");
        assertThat(Frame.sentBy(channel))
                .startsWith(new Frame.Keepalive(START.plus(1000), true))
                .allMatch(new Frame.Keepalive(START.plus(1000), true)::equals);
    }

    @Test
    void shutdownTakesWrittenForAClientThatDoesNotTellWhatItHasFlushed() throws Exception {
        // Given
        receive(store(), bytes(1000));
        WalSender sender = begun(START);

        // When
        sender.shutDown();
        sender.onMessage(status(START.plus(1000), Lsn.INVALID, Lsn.INVALID, false));

        // Then
        assertThat(end.seen).containsExactly("drained");
    }

    @Test
    void shutdownSendsWhatIsLeftFirst() throws Exception {
        // Given
        receive(store(), bytes(2 * SEGMENT));
        gate.shut = true;
        WalSender sender = sender(START);
        sender.begin();
        sender.shutDown();
        assertThat(end.seen).isEmpty();

        // When
        gate.shut = false;
        channel.flush();
        Lsn reached = START;
        while (reached.isBefore(START.plus(2L * SEGMENT))) {
            reached = wal(Frame.sentBy(channel)).getLast().end();
            sender.send();
        }
        sender.onMessage(status(reached, reached, Lsn.INVALID, false));

        // Then
        assertThat(end.seen).containsExactly("drained");
    }

    @Test
    void aDefectIsOfTheSessionThatHasItAndTheOthersAreSentWhatThereIs() throws Exception {
        // Given
        begun(START);
        WalSender other = begun(START);
        SenderEntry first = registry.entries().getFirst();
        registry.limitBy((entry, available) -> {
            if (entry.equals(first)) {
                throw new IllegalStateException("defect");
            }
            return available;
        });

        // When
        receive(store(), bytes(1000));

        // Then
        assertThat(wal(sent())).hasSize(1);
        assertThat(other.sent()).isEqualTo(START.plus(1000));
        assertThatThrownBy(channel::checkException).hasMessage("defect");
    }

    @Test
    void aDefectInLookingAtTheClockIsHeardOf() {
        // Given
        channel.freezeTime();
        begun(START);
        timeout = () -> {
            throw new IllegalStateException("defect");
        };

        // When
        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();

        // Then
        assertThatThrownBy(channel::checkException).hasMessage("defect");
    }
}
