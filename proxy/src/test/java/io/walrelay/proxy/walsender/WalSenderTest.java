package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.Frame;
import io.walrelay.replication.Lsn;
import io.walrelay.wire.error.Severity;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is sent, and when. */
final class WalSenderTest extends SenderTest {
    private static final int PAGE = 8192;
    private static final int MAX_SEND = 128 * 1024;

    @Test
    void aClientThatIsHeldGetsTheRestWhenItMay() throws Exception {
        // Given
        Lsn[] held = {START.plus(100)};
        registry.limitBy(
                (entry, available) -> Lsn.min(new Lsn(available), held[0]).value());
        receive(store(), bytes(1000));
        WalSender sender = begun(START);

        // Then: it has all that it may have, which is not all there is
        assertThat(sender.sent()).isEqualTo(START.plus(100));
        assertThat(sender.state()).isEqualTo(new WalSenderState.Streaming());

        // When
        held[0] = START.plus(1000);
        sender.send();

        // Then
        channel.flush();
        assertThat(sender.sent()).isEqualTo(START.plus(1000));
    }

    @Test
    void messagesAreCutOnlyWhereTheUpstreamEndedThemOrAtPages() throws Exception {
        // Given
        byte[] stored = bytes(2 * SEGMENT + 12_345);
        receive(store(), stored);
        Lsn start = START.plus(37);

        // When
        WalSender sender = sender(start);
        sender.begin();
        channel.flush();

        // Then
        List<Frame.Wal> messages = new ArrayList<>(wal(sent()));
        assertThat(contents(messages)).isEqualTo(java.util.Arrays.copyOfRange(stored, 37, stored.length));
        assertThat(messages).allSatisfy(message -> {
            assertThat(message.data()).hasSizeBetween(1, MAX_SEND);
            assertThat(message.walEnd()).isEqualTo(store().end().written());
        });
        assertThat(messages.removeLast().end()).isEqualTo(store().end().written());
        assertThat(messages)
                .allSatisfy(message -> assertThat(message.end().value() % PAGE).isZero());
        assertThat(messages.getFirst().end().value() % PAGE).isZero();
        assertThat(messages.getFirst().data()).hasSize(MAX_SEND - 37);
    }

    @Test
    void whatIsReceivedLaterIsSentAsItCameOnceCaughtUp() throws Exception {
        // Given
        receive(store(), bytes(1000));
        WalSender sender = begun(START);
        assertThat(sender.state()).isEqualTo(new WalSenderState.Streaming());

        // When
        receive(store(), bytes(33));
        receive(store(), bytes(50_001));

        // Then
        List<Frame.Wal> messages = wal(sent());
        assertThat(messages.getLast().end()).isEqualTo(START.plus(51_034));
        assertThat(contents(messages)).hasSize(50_034);
    }

    @Test
    void sendersThatStandAtTheSamePlaceShareWhatOneHasRead() throws Exception {
        // Given
        begun(START);
        begun(START);
        AtomicInteger reads = new AtomicInteger();
        storage.before(operation -> {
            if (operation.startsWith("read 0000")) {
                reads.incrementAndGet();
            }
        });

        // When
        List<Frame.Wal> messages = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            receive(store(), bytes(600 + i));
            messages.addAll(wal(sent()));
        }

        // Then not each has been read, were it only that some rounds took too long
        assertThat(messages).hasSize(100);
        for (int i = 0; i < messages.size(); i += 2) {
            assertThat(messages.get(i).data()).isEqualTo(bytes(600 + i / 2));
            assertThat(messages.get(i + 1).data()).isEqualTo(bytes(600 + i / 2));
        }
        assertThat(reads).hasValueBetween(50, 99);
    }

    @Test
    void nothingIsSentBeyondTheFlushedEndWhereThatIsTheLimit() throws Exception {
        // Given
        CountDownLatch goOn = new CountDownLatch(1);
        storage.hold("sync 0000", goOn);
        sendAfter = WalSendAfter.FLUSH;
        receive(store(), bytes(1000));
        WalSender sender = begun(START);

        // When
        sender.send();

        // Then
        assertThat(sent()).isEmpty();
        sender.closed();
        goOn.countDown();
    }

    @Test
    void aKeepaliveNeverTellsOfMoreThanWasSentOnItsConnection() throws Exception {
        // Given
        gate.shut = true;
        wakesSenders = false;
        WalSender sender = sender(START);
        receive(store(), bytes(2 * SEGMENT));
        sender.begin();
        assertThat(channel.isWritable()).isFalse();

        // When
        sender.onMessage(status(START, START, Lsn.INVALID, true));

        // Then
        gate.shut = false;
        channel.flush();
        List<Frame> frames = Frame.sentBy(channel);
        int keepalive = frames.size() - 1;
        Lsn sentBefore = wal(frames.subList(0, keepalive)).getLast().end();
        assertThat(frames.get(keepalive)).isEqualTo(new Frame.Keepalive(sentBefore, false));
        assertThat(sentBefore).isLessThan(START.plus(SEGMENT));
    }

    @Test
    void noMoreIsReadThanASlowSocketHasRoomFor() throws Exception {
        // Given
        receive(store(), bytes(3 * SEGMENT));
        gate.shut = true;
        wakesSenders = false;
        WalSender sender = sender(START);

        // When
        sender.begin();
        receive(store(), bytes(SEGMENT));
        channel.runPendingTasks();
        sender.send();

        // Then
        long queued = channel.unsafe().outboundBuffer().totalPendingWriteBytes();
        assertThat(queued).isBetween(512L << 10, (512L << 10) + MAX_SEND + PAGE);
        gate.shut = false;
        channel.flush();
        assertThat(wal(Frame.sentBy(channel)).getLast().end()).isLessThan(START.plus(SEGMENT));
        while (sender.state() instanceof WalSenderState.Catchup) {
            sender.send();
            assertThat(wal(Frame.sentBy(channel))).isNotEmpty();
        }
        assertThat(sender.state()).isEqualTo(new WalSenderState.Streaming());
    }

    @Test
    void aRemovedSegmentIsAnErrorAfterTheCopyHasBegun() throws Exception {
        // Given
        receive(store(), bytes(SEGMENT + 100));
        store().close();
        Files.delete(directory.resolve("pg_wal/0000000100000001000007FF"));

        // When
        begun(START);

        // Then
        assertThat(end.seen)
                .containsExactly("ERROR 58P01 requested WAL segment 0000000100000001000007FF has already been removed");
        assertThat(end.errors).allMatch(error -> error.severity() == Severity.ERROR);
    }

    @Test
    void aStartPointFarAheadIsAnErrorAfterTheCopyHasBegun() throws Exception {
        // Given
        receive(store(), bytes(100));

        // When
        begun(START.plus(101 + SEGMENT));

        // Then
        assertThat(end.seen)
                .containsExactly("ERROR XX000 requested starting point 1/80000065 is ahead of the WAL flush position"
                        + " of this server 1/7FF00064");
    }

    @Test
    void aStartPointALittleAheadIsWaitedFor() throws Exception {
        // Given
        receive(store(), bytes(100));
        WalSender sender = begun(START.plus(300));
        assertThat(sender.state()).isEqualTo(new WalSenderState.Catchup());
        sender.onMessage(status(START, START, Lsn.INVALID, true));
        assertThat(sent()).containsExactly(new Frame.Keepalive(START.plus(100), false));

        // When
        receive(store(), bytes(150));
        assertThat(sent()).isEmpty();
        receive(store(), bytes(250));

        // Then
        List<Frame.Wal> messages = wal(sent());
        assertThat(messages.getFirst().start()).isEqualTo(START.plus(300));
        assertThat(messages.getLast().end()).isEqualTo(START.plus(500));
    }

    @Test
    void cancelEndsTheStreamWithAnError() throws Exception {
        // Given
        WalSender sender = begun(START);

        // When
        sender.cancel();
        sender.cancel();

        // Then
        assertThat(end.seen).containsExactly("ERROR 57014 canceling statement due to user request");
    }

    @Test
    void anEndedSenderIsNotWokenAgain() throws Exception {
        // Given
        WalSender sender = begun(START);
        sender.closed();

        // When
        receive(store(), bytes(100));

        // Then
        assertThat(sent()).isEmpty();
    }
}
