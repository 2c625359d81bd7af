package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walrelay.proxy.fixture.Frame;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.FrontendMessage;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a stream does at the end of a timeline. */
final class WalSenderTimelineTest extends SenderTest {
    @Test
    void aHistoricTimelineEndsForAHeldClientWhenItHasAllOfIt() throws Exception {
        // Given
        Lsn[] held = {START.plus(100)};
        registry.limitBy(
                (entry, available) -> Lsn.min(new Lsn(available), held[0]).value());
        receive(store(), bytes(1000));
        WalSender sender = begun(START);
        store().switchTimeline(SampleCluster.history(SECOND, "1\t" + START.plus(800) + "\tx"));

        // When / Then
        sender.send();
        assertThat(sender.state()).isEqualTo(new WalSenderState.Streaming());
        held[0] = START.plus(900);
        sender.send();
        assertThat(sender.state()).isEqualTo(new WalSenderState.AwaitingCopyDone(START.plus(800)));
    }

    @Test
    void aTimelineThatBecomesHistoricIsSentToItsEndAndNoFurther() throws Exception {
        // Given
        receive(store(), bytes(5000));
        WalSender sender = begun(START);
        receive(store(), bytes(3000));
        Lsn switchPoint = START.plus(6000);
        store().switchTimeline(SampleCluster.history(SECOND, "1\t" + switchPoint + "\tx"));
        receive(store(), bytes(700));

        // When
        List<Frame> frames = sent();

        // Then
        assertThat(wal(frames).getLast().end()).isEqualTo(switchPoint);
        assertThat(frames.getLast()).isEqualTo(new Frame.Other('c'));
        assertThat(end.seen).isEmpty();
        sender.onMessage(status(switchPoint, switchPoint, Lsn.INVALID, true));
        assertThat(Frame.sentBy(channel)).containsExactly(new Frame.Keepalive(switchPoint, false));
        sender.onMessage(new FrontendMessage.CopyDone());
        channel.flush();
        assertThat(Frame.sentBy(channel)).isEmpty();
        assertThat(end.seen).containsExactly("copy done, next " + new SendPosition.Historic(SECOND, switchPoint));
    }

    @Test
    void theEndOfALongHistoricTimelineIsToldOnce() throws Exception {
        // Given: more than the socket takes at once
        receive(store(), bytes(2 * SEGMENT));
        Lsn switchPoint = START.plus(2L * SEGMENT - 100);
        store().switchTimeline(SampleCluster.history(SECOND, "1\t" + switchPoint + "\tx"));

        // When
        WalSender sender = sender(START, Optional.of(FIRST), Optional.empty());
        sender.begin();
        channel.flush();

        // Then
        List<Frame> frames = sent();
        assertThat(wal(frames).getLast().end()).isEqualTo(switchPoint);
        assertThat(frames).filteredOn(new Frame.Other('c')::equals).hasSize(1);
        assertThat(frames.getLast()).isEqualTo(new Frame.Other('c'));
    }

    @Test
    void theNextTimelineIsTheOneInTheHistoryNotTheNextNumber() throws Exception {
        // Given
        receive(store(), bytes(5000));
        Lsn fork = START.plus(4000);
        TimelineId seventh = TimelineId.of(7);
        store().switchTimeline(SampleCluster.history(seventh, "1\t" + fork + "\tx"));

        // When
        WalSender sender = sender(START, Optional.of(FIRST), Optional.empty());
        sender.begin();
        channel.flush();
        sent();
        sender.onMessage(new FrontendMessage.CopyDone());

        // Then
        assertThat(end.seen).containsExactly("copy done, next " + new SendPosition.Historic(seventh, fork));
    }

    @Test
    void aClientThatHasMoreThanTheNewTimelineSharesIsToldOfTheSwitch() throws Exception {
        // Given
        receive(store(), bytes(8000));
        WalSender sender = begun(START);

        // When
        store().switchTimeline(SampleCluster.history(SECOND, "1\t" + START.plus(6000) + "\tx"));

        // Then
        assertThat(sent()).containsExactly(new Frame.Other('c'));
        sender.onMessage(new FrontendMessage.CopyDone());
        assertThat(end.seen).containsExactly("copy done, next " + new SendPosition.Historic(SECOND, START.plus(6000)));
    }

    @Test
    void timelinesOutsideOfTheHistoryAreRefused() throws Exception {
        // Given
        receive(store(), bytes(8000));
        Lsn fork = START.plus(6000);
        store().switchTimeline(SampleCluster.history(SECOND, "1\t" + fork + "\tx"));

        // When, Then
        assertThatThrownBy(() -> sender(START, Optional.of(TimelineId.of(3)), Optional.empty()))
                .hasMessage("requested timeline 3 is not in this server's history");
        assertThatThrownBy(() -> sender(fork.plus(1), Optional.of(FIRST), Optional.empty()))
                .isInstanceOfSatisfying(PgException.class, refused -> {
                    assertThat(refused.sqlState().code()).isEqualTo("XX000");
                    assertThat(refused.message())
                            .isEqualTo("requested starting point 1/7FF01771 on timeline 1 is not in this server's"
                                    + " history");
                    assertThat(refused.detail())
                            .contains("This server's history forked from timeline 1 at 1/7FF01770.");
                });
    }
}
