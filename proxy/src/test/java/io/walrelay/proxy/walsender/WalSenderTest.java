package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.Frame;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.copyboth.StandbyMessage;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.message.FrontendMessage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WalSenderTest {
    private static final int PAGE = 8192;
    private static final int MAX_SEND = 128 * 1024;
    private static final SenderClient CLIENT = new SenderClient(
            42,
            "u",
            "standby1",
            Optional.empty(),
            Optional.empty(),
            -1,
            Instant.parse("2024-05-01T10:00:00Z"),
            Optional.empty());

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final Gate gate = new Gate();
    private final EmbeddedChannel channel = new EmbeddedChannel(new BackendEncoder(), gate, new Session());
    private final Ends end = new Ends();
    private final SenderRegistry registry = new SenderRegistry();
    private final List<WalStore> opened = new ArrayList<>();
    private final List<WalSender> senders = new ArrayList<>();
    private WalSendAfter sendAfter = WalSendAfter.WRITE;
    private boolean wakesSenders = true;

    /** A socket that takes nothing while it is shut. */
    private static final class Gate extends ChannelOutboundHandlerAdapter {
        private boolean shut;

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (!shut) {
                ctx.flush();
            }
        }
    }

    /** Wakes senders when the socket takes more, as a session does. */
    private final class Session extends ChannelInboundHandlerAdapter {
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (wakesSenders && ctx.channel().isWritable()) {
                List.copyOf(senders).forEach(WalSender::send);
            }
        }
    }

    /** How streams have ended. */
    private static final class Ends implements WalSender.End {
        private final List<String> seen = new ArrayList<>();
        private final List<PgException> errors = new ArrayList<>();

        @Override
        public void copyDone(Optional<SendPosition.Historic> next) {
            seen.add("copy done, next " + next.map(Object::toString).orElse("none"));
        }

        @Override
        public void failed(PgException error) {
            seen.add(error.severity() + " " + error.sqlState() + " " + error.message());
            errors.add(error);
        }

        @Override
        public void fatal(PgException error) {
            seen.add(error.severity() + " " + error.sqlState() + " " + error.message());
        }

        @Override
        public void closeSilently(String reason) {
            seen.add("closed silently");
        }

        @Override
        public void drained() {
            seen.add("drained");
        }
    }

    @BeforeEach
    void open() throws Exception {
        opened.add(SampleCluster.store(storage, directory));
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(256 << 10, 512 << 10));
        MessageSizeEstimator.Handle sizes = message -> switch (message) {
            case ByteBuf buffer -> buffer.readableBytes();
            case FileRegion region -> (int) region.count();
            default -> 0;
        };
        channel.config().setMessageSizeEstimator(() -> sizes);
    }

    @AfterEach
    void close() {
        gate.shut = false;
        senders.forEach(WalSender::closed);
        storage.repair();
        opened.forEach(WalStore::close);
        channel.flush();
        Frame.sentBy(channel);
        assertThat(channel.finish()).isFalse();
    }

    private WalStore store() {
        return opened.getFirst();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private WalSender sender(Lsn start) {
        return sender(start, Optional.empty(), Optional.empty());
    }

    private WalSender sender(Lsn start, Optional<TimelineId> timeline, Optional<ReplicationSlot> slot) {
        WalSender sender = new WalSender(
                channel,
                store(),
                new SenderWakeups(store(), () -> sendAfter),
                SendPosition.of(store(), () -> sendAfter, timeline, start),
                start,
                slot,
                registry.add(CLIENT),
                () -> Duration.ZERO,
                Clock.systemUTC(),
                end);
        senders.add(sender);
        return sender;
    }

    private WalSender begun(Lsn start) {
        WalSender sender = sender(start);
        sender.begin();
        channel.flush();
        assertThat(Frame.sentBy(channel)).startsWith(new Frame.Other('W'));
        return sender;
    }

    private List<Frame> sent() {
        channel.runPendingTasks();
        return Frame.sentBy(channel);
    }

    private static List<Frame.Wal> wal(List<Frame> frames) {
        return frames.stream()
                .filter(Frame.Wal.class::isInstance)
                .map(Frame.Wal.class::cast)
                .toList();
    }

    private static byte[] contents(List<Frame.Wal> messages) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Lsn expected = messages.getFirst().start();
        for (Frame.Wal message : messages) {
            assertThat(message.start()).isEqualTo(expected);
            expected = message.end();
            out.writeBytes(message.data());
        }
        return out.toByteArray();
    }

    private static FrontendMessage status(Lsn write, Lsn flush, Lsn apply, boolean replyRequested) {
        ByteBuf data = Unpooled.buffer();
        StandbyMessageCodec.write(
                data, new StandbyMessage.StatusUpdate(write, flush, apply, Long.MIN_VALUE, replyRequested));
        return new FrontendMessage.CopyData(data);
    }

    private static FrontendMessage copyData(int... bytes) {
        ByteBuf data = Unpooled.buffer();
        for (int b : bytes) {
            data.writeByte(b);
        }
        return new FrontendMessage.CopyData(data);
    }

    @Test
    void aClientThatIsHeldGetsTheRestWhenItMay() throws Exception {
        // Given
        Lsn[] held = {START.plus(100)};
        registry.limitBy((entry, available) -> Lsn.min(available, held[0]));
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
    void aHistoricTimelineEndsForAHeldClientWhenItHasAllOfIt() throws Exception {
        // Given
        Lsn[] held = {START.plus(100)};
        registry.limitBy((entry, available) -> Lsn.min(available, held[0]));
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
    void nothingIsSentBeyondTheFlushedEndWhereThatIsTheLimit() throws Exception {
        // Given
        CountDownLatch goOn = new CountDownLatch(1);
        storage.before(operation -> {
            if (operation.startsWith("sync 0000")) {
                try {
                    assertThat(goOn.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });
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
