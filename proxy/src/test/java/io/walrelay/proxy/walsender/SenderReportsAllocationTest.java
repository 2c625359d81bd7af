package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.ManualTimer;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.UnwatchedBuffers;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.slot.Xmins;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.ReplicationTimeoutAction;
import io.walrelay.proxy.syncrep.StandbyNamesException;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.proxy.syncrep.SynchronousTransfer;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.copyboth.StandbyMessage.HotStandbyFeedback;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.codec.FrontendDecoder;
import io.walrelay.wire.codec.FrontendLimits;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a client's reports leave to the garbage collector, from the bytes in the channel to what other threads are shown
 * and decide by: of one that moves something, what is published of it; of one that moves nothing, nothing.
 */
@ExtendWith(UnwatchedBuffers.class)
final class SenderReportsAllocationTest {
    private static final int ROUNDS = 20_000;
    private static final int WARM_UP = ROUNDS / 2;
    private static final int STEP = 8;
    private static final long END = START.plus((long) ROUNDS * STEP).value();

    /** What is published of a report that moves something, for who looks at the client. */
    private static final long CLIENT_SHOWN = 136;

    /** What is published of a decision that moves something. */
    private static final long DECISION_SHOWN = 56;

    @TempDir
    private Path directory;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SenderRegistry registry = new SenderRegistry();
    private final SenderEntry entry = registry.add(SampleClients.named("standby1"));
    private Optional<ReplicationSlot> slot = Optional.empty();
    private SyncRules rules = SyncRules.NONE;

    /** Up to where the other standbys have everything, by their names. */
    private Map<String, Long> others = Map.of();

    @SuppressWarnings("NullAway.Init") // when it is measured
    private volatile SyncReplication replication;

    /** What a client says next. */
    private interface Report {
        /** Writes the payload of CopyData that says so. */
        void write(ByteBuf out, int round);
    }

    /** A socket that takes all it is given at once, and keeps nothing. */
    private static final class Sink extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    /** Nobody is told of decisions. */
    private static final class Deaf implements SyncReplication.Listener {
        @Override
        public void positionsMoved() {}

        @Override
        public void limitMoved() {}
    }

    /**
     * Tells the bytes that are allocated for each report of a client that has been sent everything. On a thread as a
     * client's loop has: Netty uses its objects again on those of its own kind only.
     */
    private long perReport(Report report) throws Exception {
        FutureTask<Long> measurement = new FutureTask<>(() -> measure(report));
        new DefaultThreadFactory("client").newThread(measurement).start();
        return measurement.get();
    }

    private long measure(Report report) throws Exception {
        try (WalStore store = SampleCluster.store(new WatchedStorage(), directory)) {
            SampleCluster.receive(store, new byte[ROUNDS * STEP]);
            ManualTimer timer = new ManualTimer();
            replication = new SyncReplication(
                    store, registry, () -> rules, new Deaf(), timer, timer::nanoTime, Clock.systemUTC());
            others.forEach((name, position) -> join(store, name, position));
            EmbeddedChannel channel = new EmbeddedChannel(new Sink(), new BackendEncoder());
            WalSender sender = sender(store, channel);
            sender.begin();
            assertThat(sender.sent().value()).isEqualTo(END);
            channel.pipeline().addLast(new FrontendDecoder(FrontendLimits.REPLICATION, sender::onCopyData));
            long allocated = 0;
            for (int round = 1; round <= ROUNDS; round++) {
                ByteBuf read = message(report, round);
                long before = threads.getCurrentThreadAllocatedBytes();
                channel.pipeline().fireChannelRead(read).fireChannelReadComplete();
                if (round > WARM_UP) {
                    allocated += threads.getCurrentThreadAllocatedBytes() - before;
                }
            }
            channel.checkException();
            channel.finishAndReleaseAll();
            return allocated / (ROUNDS - WARM_UP);
        }
    }

    /** One more standby, of which nothing is heard any more. */
    private void join(WalStore store, String name, long position) {
        SenderEntry joined = registry.add(SampleClients.named(name));
        joined.begin(START, Optional.empty());
        joined.state(ReplicationState.STREAMING);
        SendPosition sent = SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START);
        new SenderReports(joined, store, sent, Optional.empty(), () -> 0)
                .statusUpdate(position, position, position, 0, END);
    }

    /** A client's report is decided on by such rules, and the clock runs. */
    private void synchronous(String names, SynchronousTransfer mode) throws StandbyNamesException {
        rules = new SyncRules(
                SyncStandbyNames.parse(names), mode, Duration.ofSeconds(10), ReplicationTimeoutAction.WAIT);
    }

    private WalSender sender(WalStore store, EmbeddedChannel channel) {
        return new WalSender(
                channel,
                store,
                new SenderWakeups(store, () -> WalSendAfter.WRITE),
                SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START),
                START,
                slot,
                entry,
                () -> Duration.ZERO,
                Clock.systemUTC(),
                new NoEnd());
    }

    /** What the synchronous standbys have flushed together. */
    private long confirmed() {
        return replication.status().confirmed().flush().value();
    }

    private static ByteBuf message(Report report, int round) {
        ByteBuf read = PooledByteBufAllocator.DEFAULT.directBuffer(64);
        read.writeByte('d').writeInt(0);
        report.write(read, round);
        return read.setInt(1, read.readableBytes() - 1);
    }

    private static void reached(ByteBuf out, long position) {
        // The client's clock goes on with each of its reports.
        StandbyMessageCodec.writeStatusUpdate(out, position, position, position, System.nanoTime(), false);
    }

    private static void moving(ByteBuf out, int round) {
        reached(out, START.value() + (long) round * STEP);
    }

    @Test
    void aReportThatMovesPositionsLeavesWhatIsPublishedOfIt() throws Exception {
        // When
        long bytes = perReport(SenderReportsAllocationTest::moving);

        // Then
        assertThat(entry.status(SyncStanding.ASYNC).reported().apply().value()).isEqualTo(END);
        assertThat(entry.lag().replay()).isPresent();
        assertThat(bytes).isLessThanOrEqualTo(CLIENT_SHOWN);
    }

    @Test
    void aReportThatMovesTheSlotLeavesNothingMore() throws Exception {
        // Given
        ReplicationSlot moved = SlotRegistry.load(new WatchedStorage(), directory, Runnable::run, 1)
                .create("s_1", false, START, 42)
                .join();
        slot = Optional.of(moved);

        // When
        long bytes = perReport(SenderReportsAllocationTest::moving);

        // Then
        assertThat(moved.restartLsn().value()).isEqualTo(END);
        assertThat(bytes).isLessThanOrEqualTo(CLIENT_SHOWN);
    }

    @Test
    void aReportThatMovesNothingLeavesNothing() throws Exception {
        // When
        long bytes = perReport((out, round) -> reached(out, END));

        // Then
        assertThat(entry.status(SyncStanding.ASYNC).reported().apply().value()).isEqualTo(END);
        assertThat(bytes).isZero();
    }

    @Test
    void feedbackThatSaysTheSameLeavesNothing() throws Exception {
        // When
        long bytes = perReport((out, round) ->
                StandbyMessageCodec.write(out, new HotStandbyFeedback(System.nanoTime(), 700, 1, 0, 0)));

        // Then
        assertThat(registry.xmins()).isEqualTo(new Xmins(1L << 32 | 700, 0));
        assertThat(bytes).isZero();
    }

    @Test
    void feedbackThatSaysSomethingElseLeavesWhatIsPublishedOfIt() throws Exception {
        // When
        long bytes = perReport((out, round) ->
                StandbyMessageCodec.write(out, new HotStandbyFeedback(System.nanoTime(), 700 + round, 1, 0, 0)));

        // Then
        assertThat(registry.xmins()).isEqualTo(new Xmins(1L << 32 | (700 + ROUNDS), 0));
        assertThat(bytes).isLessThanOrEqualTo(32);
    }

    @Test
    void aReportThatMovesWhatTheFirstHasReachedLeavesTheDecisionToo() throws Exception {
        // Given
        synchronous("FIRST 1 (standby1, standby2, standby3)", SynchronousTransfer.ALL);
        others = Map.of("standby2", END, "standby3", END);

        // When
        long bytes = perReport(SenderReportsAllocationTest::moving);

        // Then
        assertThat(confirmed()).isEqualTo(END);
        assertThat(bytes).isLessThanOrEqualTo(CLIENT_SHOWN + DECISION_SHOWN);
    }

    @Test
    void aReportThatMovesWhatAQuorumHasReachedLeavesTheDecisionToo() throws Exception {
        // Given: the second of the three is the one that reports
        synchronous("ANY 2 (standby1, standby2, standby3)", SynchronousTransfer.COMMIT);
        others = Map.of("standby2", END, "standby3", START.value());

        // When
        long bytes = perReport(SenderReportsAllocationTest::moving);

        // Then
        assertThat(confirmed()).isEqualTo(END);
        assertThat(bytes).isLessThanOrEqualTo(CLIENT_SHOWN + DECISION_SHOWN);
    }

    @Test
    void aReportOfOneThatIsNotWaitedForLeavesNoDecision() throws Exception {
        // Given
        synchronous("FIRST 1 (standby2, standby1)", SynchronousTransfer.COMMIT);
        others = Map.of("standby2", START.plus(STEP).value(), "standby3", END);

        // When
        long bytes = perReport(SenderReportsAllocationTest::moving);

        // Then
        assertThat(confirmed()).isEqualTo(START.plus(STEP).value());
        assertThat(bytes).isLessThanOrEqualTo(CLIENT_SHOWN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "FIRST 1 (standby1, standby2, standby3); ALL",
                "ANY 2 (standby1, standby2, standby3); COMMIT",
                "*; COMMIT"
            })
    void aReportThatMovesNothingLeavesNothingWithSynchronousStandbys(String names, SynchronousTransfer mode)
            throws Exception {
        // Given
        synchronous(names, mode);
        others = Map.of("standby2", END, "standby3", START.value());

        // When
        long bytes = perReport((out, round) -> reached(out, END));

        // Then
        assertThat(confirmed()).isEqualTo(END);
        assertThat(bytes).isZero();
    }
}
