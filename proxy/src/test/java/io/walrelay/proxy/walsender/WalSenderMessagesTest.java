package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.proxy.fixture.Frame;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessage;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.wire.message.FrontendMessage;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a client says in its stream. */
final class WalSenderMessagesTest extends SenderTest {
    private static FrontendMessage copyData(int... bytes) {
        ByteBuf data = Unpooled.buffer();
        for (int b : bytes) {
            data.writeByte(b);
        }
        return new FrontendMessage.CopyData(data);
    }

    @Test
    void theClientEndsTheStream() throws Exception {
        // Given
        receive(store(), bytes(100));
        WalSender sender = begun(START);

        // When
        sender.onMessage(new FrontendMessage.CopyDone());
        channel.flush();

        // Then
        assertThat(Frame.sentBy(channel)).containsExactly(new Frame.Other('c'));
        assertThat(end.seen).containsExactly("copy done, next none");
        assertThat(sender.state()).isEqualTo(new WalSenderState.Ended());
    }

    private ReplicationSlot slot(Lsn restartLsn) throws Exception {
        SlotRegistry slots = SlotRegistry.load(storage, directory, Runnable::run, 10);
        return slots.create("s", true, restartLsn, 1).join();
    }

    @Test
    void aSlotFollowsTheFlushedPositionAlone() throws Exception {
        // Given
        receive(store(), bytes(1000));
        ReplicationSlot slot = slot(Lsn.INVALID);
        WalSender sender = sender(START, Optional.empty(), Optional.of(slot));
        sender.begin();

        // When, Then
        sender.onMessage(status(START.plus(900), Lsn.INVALID, START.plus(900), false));
        assertThat(slot.restartLsn()).isEqualTo(Lsn.INVALID);
        sender.onMessage(status(START.plus(900), START.plus(500), Lsn.INVALID, false));
        assertThat(slot.restartLsn()).isEqualTo(START.plus(500));
        sender.onMessage(status(START.plus(900), START.plus(400), Lsn.INVALID, false));
        assertThat(slot.restartLsn()).isEqualTo(START.plus(500));
    }

    @Test
    void positionsBeyondWhatIsHereCountNoFurtherThanThat() throws Exception {
        // Given
        receive(store(), bytes(1000));
        ReplicationSlot slot = slot(START);
        WalSender sender = sender(START, Optional.empty(), Optional.of(slot));
        sender.begin();

        // When
        Lsn absurd = Lsn.parse("FFFFFFFF/FFFFFFFF");
        sender.onMessage(status(absurd, absurd, absurd, false));

        // Then
        assertThat(slot.restartLsn()).isEqualTo(START.plus(1000));
    }

    @Test
    void whatIsNoMessageOfAStandbyEndsTheSession() throws Exception {
        receive(store(), bytes(10));

        begun(START).onMessage(new FrontendMessage.CopyFail("no"));
        begun(START).onMessage(new FrontendMessage.Query("IDENTIFY_SYSTEM"));
        begun(START).onMessage(new FrontendMessage.Unknown((byte) '?'));
        begun(START).onMessage(new FrontendMessage.Sync());
        begun(START).onMessage(new FrontendMessage.Terminate());
        begun(START).onMessage(copyData('p', 0, 0));

        assertThat(end.seen)
                .containsExactly(
                        "FATAL 08P01 invalid standby message type \"f\"",
                        "FATAL 08P01 invalid standby message type \"Q\"",
                        "FATAL 08P01 invalid standby message type \"?\"",
                        "FATAL 08P01 invalid standby message type \"S\"",
                        "closed silently",
                        "closed silently");
    }

    @Test
    void aMessageThatIsTooShortEndsTheStreamWithAnError() throws Exception {
        receive(store(), bytes(10));

        begun(START).onMessage(copyData());
        begun(START).onMessage(copyData('r', 0, 0, 0));

        assertThat(end.seen)
                .containsExactly(
                        "ERROR 08P01 no data left in message", "ERROR 08P01 insufficient data left in message");
    }

    @Test
    void hotStandbyFeedbackIsTaken() throws Exception {
        // Given
        receive(store(), bytes(10));
        WalSender sender = begun(START);
        ByteBuf data = Unpooled.buffer();
        StandbyMessageCodec.write(data, new StandbyMessage.HotStandbyFeedback(0, 1, 2, 3, 4));

        // When
        sender.onMessage(new FrontendMessage.CopyData(data));

        // Then
        assertThat(data.refCnt()).isZero();
        assertThat(sender.state()).isEqualTo(new WalSenderState.Streaming());
    }

    @Test
    void aClientThatAsksAndDoesNotReadIsNotAnsweredForEver() throws Exception {
        // Given
        receive(store(), bytes(SEGMENT));
        gate.shut = true;
        WalSender sender = sender(START);
        sender.begin();
        assertThat(channel.isWritable()).isFalse();

        // When
        for (int i = 0; i < 100_000; i++) {
            sender.onMessage(status(START, START, Lsn.INVALID, true));
        }

        // Then
        assertThat(channel.bytesBeforeWritable()).isLessThan(WalSender.MAX_WAITING + 100);
    }
}
