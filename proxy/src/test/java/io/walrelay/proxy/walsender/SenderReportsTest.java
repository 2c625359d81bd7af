package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.slot.Xmins;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncStandbys;
import io.walrelay.proxy.syncrep.SyncStanding;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgTimestamp;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SenderReportsTest {
    private static final Instant BEGUN = Instant.parse("2024-05-01T10:00:00Z");
    private static final SenderClient CLIENT = SenderClient.of(
            42,
            "u",
            "standby1",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000),
            BEGUN,
            Optional.empty());

    @TempDir
    private Path directory;

    /** What the clock says. */
    private Instant now = BEGUN;

    private final SenderRegistry registry = new SenderRegistry();
    private final SenderEntry entry = registry.add(CLIENT);

    @SuppressWarnings("NullAway.Init") // before each test
    private WalStore store;

    @SuppressWarnings("NullAway.Init") // before each test
    private SenderReports reports;

    @BeforeEach
    void open() throws Exception {
        store = SampleCluster.store(new WatchedStorage(), directory);
        receive(store, new byte[1000]);
        reports = stream();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private SenderReports stream() {
        SendPosition position = SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START);
        entry.begin(START, Optional.of("s_1"));
        return new SenderReports(entry, store, position, Optional.empty(), () -> PgTimestamp.fromInstant(now));
    }

    @Test
    void aReportIsShownAsTheClientMadeIt() {
        // When
        take(report(900, 5000, 0), START.plus(1000));

        // Then
        SenderStatus status = entry.status(SyncStanding.ASYNC);
        assertThat(status.reported()).isEqualTo(new StandbyPositions(START.plus(900), START.plus(5000), Lsn.INVALID));
        assertThat(status.replyTime()).contains(BEGUN.minusSeconds(1));
        assertThat(status.slot()).contains("s_1");
        assertThat(status.client()).isEqualTo(CLIENT);
    }

    @Test
    void aReportCountsNoFurtherThanTheWalThatIsHere() {
        take(report(900, 5000, 3000), START.plus(1000));

        assertThat(counting()).isEqualTo(positions(900, 1000, 1000));
    }

    @Test
    void whatCountsDoesNotGoBack() {
        // Given
        take(report(900, 800, 700), START.plus(1000));

        // When
        take(report(100, 850, 0), START.plus(1000));

        // Then
        assertThat(counting()).isEqualTo(positions(900, 850, 700));
    }

    @Test
    void anotherStreamBeginsWithNothingThatCounts() {
        // Given
        take(report(900, 800, 700), START.plus(1000));

        // When
        stream();

        // Then
        assertThat(counting()).isEqualTo(StandbyPositions.UNKNOWN);
        assertThat(entry.status(SyncStanding.ASYNC).reported()).isEqualTo(positions(900, 800, 700));
    }

    @Test
    void whatLiesBehindTheSwitchPointOfTheTimelineCountsNoMore() throws Exception {
        // Given
        take(report(1000, 900, 700), START.plus(1000));

        // When
        store.switchTimeline(SampleCluster.history(SECOND, "1\t" + START.plus(800) + "\tx"));
        receive(store, new byte[5000]);

        // Then
        assertThat(counting()).isEqualTo(positions(800, 800, 700));
    }

    @Test
    void aClientOfAHistoricTimelineSpeaksOfThatTimelineOnly() throws Exception {
        // Given
        store.switchTimeline(SampleCluster.history(SECOND, "1\t" + START.plus(800) + "\tx"));
        receive(store, new byte[5000]);

        // When
        take(report(1000, 900, 700), START.plus(1000));

        // Then
        assertThat(counting()).isEqualTo(positions(800, 800, 700));
    }

    @Test
    void eachPositionHasItsLag() {
        // Given
        reports.available(START.plus(1000).value());

        // When
        now = now.plus(Duration.ofMillis(20));
        take(report(1000, 0, 0), START.plus(1000));
        now = now.plus(Duration.ofMillis(20));
        take(report(1000, 1000, 0), START.plus(1000));

        // Then: what stands has a lag that grows, what is confirmed keeps the one it had
        assertThat(entry.lag()).isEqualTo(new ReplicationLag(20_000, 40_000, 40_000));
    }

    @Test
    void theLagOfAnIdleClientIsForgottenAtTheSecondReportInARow() {
        // Given
        reports.available(START.plus(1000).value());
        now = now.plus(Duration.ofMillis(20));
        take(report(1000, 1000, 1000), START.plus(1000));
        assertThat(entry.lag().replay()).contains(Duration.ofMillis(20));

        // When
        take(report(1000, 1000, 1000), START.plus(1000));

        // Then
        assertThat(entry.lag()).isEqualTo(ReplicationLag.NONE);
    }

    @Test
    void feedbackIsAReplyToo() {
        reports.feedback(PgTimestamp.fromInstant(BEGUN.plusSeconds(7)), 0, 0, 0, 0);

        assertThat(entry.status(SyncStanding.ASYNC).replyTime()).contains(BEGUN.plusSeconds(7));
    }

    @Test
    void aReportThatSaysNothingNewIsAReplyAndIsToldOthersAllTheSame() {
        // Given
        AtomicInteger told = new AtomicInteger();
        take(report(1000, 900, 800), START.plus(1000));
        registry.onChange(told::incrementAndGet);

        // When
        reports.statusUpdate(
                START.plus(1000).value(),
                START.plus(900).value(),
                START.plus(800).value(),
                PgTimestamp.fromInstant(BEGUN.plusSeconds(7)),
                START.plus(1000).value());

        // Then
        SenderStatus status = entry.status(SyncStanding.ASYNC);
        assertThat(status.replyTime()).contains(BEGUN.plusSeconds(7));
        assertThat(status.reported()).isEqualTo(positions(1000, 900, 800));
        assertThat(counting()).isEqualTo(positions(1000, 900, 800));
        assertThat(told).hasValue(1);
    }

    @Test
    void whatCountsFollowsTheWalThatIsHereThoughTheClientSaysTheSame() throws Exception {
        // Given
        take(report(5000, 5000, 5000), START.plus(1000));
        assertThat(counting()).isEqualTo(positions(1000, 1000, 1000));
        receive(store, new byte[2000]);

        // When
        take(report(5000, 5000, 5000), START.plus(1000));

        // Then
        assertThat(counting()).isEqualTo(positions(3000, 3000, 3000));
    }

    @Test
    void feedbackWithoutASlotHoldsAsLongAsTheStreamGoesOn() {
        // When
        reports.feedback(1, 700, 1, 650, 1);

        // Then
        assertThat(registry.xmins()).isEqualTo(new Xmins(1L << 32 | 700, 1L << 32 | 650));
        assertThat(entry.status(SyncStanding.ASYNC).backendXmin()).hasValue(650);

        // When
        entry.end();

        // Then
        assertThat(registry.xmins()).isEqualTo(Xmins.NONE);
        assertThat(entry.status(SyncStanding.ASYNC).backendXmin()).isEmpty();
    }

    @Test
    void feedbackWithASlotIsTheSlotsToHold() throws Exception {
        // Given
        SlotRegistry slots = SlotRegistry.load(new WatchedStorage(), directory, Runnable::run, 1);
        ReplicationSlot slot = slots.create("s_1", false, START, 42).get(10, TimeUnit.SECONDS);
        SendPosition position = SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START);
        SenderReports withSlot =
                new SenderReports(entry, store, position, Optional.of(slot), () -> PgTimestamp.fromInstant(now));

        // When
        withSlot.feedback(1, 700, 1, 0, 0);
        entry.end();

        // Then
        assertThat(registry.xmins()).isEqualTo(Xmins.NONE);
        assertThat(slots.xmins()).isEqualTo(new Xmins(1L << 32 | 700, 0));

        // When
        slots.saveMoved();

        // Then
        assertThat(SlotRegistry.load(new WatchedStorage(), directory, Runnable::run, 1)
                        .xmins())
                .isEqualTo(new Xmins(1L << 32 | 700, 0));
    }

    @Test
    void othersAreToldOfAReportAndOfAStateAndOfTheEnd() {
        // Given
        AtomicInteger told = new AtomicInteger();
        registry.onChange(told::incrementAndGet);

        // When / Then
        take(report(1, 1, 1), START.plus(1000));
        assertThat(told).hasValue(1);
        entry.state(ReplicationState.STREAMING);
        assertThat(told).hasValue(2);
        entry.state(ReplicationState.STREAMING);
        assertThat(told).hasValue(2);
        registry.remove(entry);
        registry.remove(entry);
        assertThat(told).hasValue(3);
        assertThat(registry.entries()).isEmpty();
    }

    @Test
    void theTitleIsThatOfPostgreSqlsProcessList() {
        // Given
        entry.state(ReplicationState.STREAMING);

        // When
        entry.sent(Lsn.parse("0/3000060").value());

        // Then
        assertThat(entry.status(SyncStanding.ASYNC).title()).isEqualTo("walsender standby1 streaming 0/3000060");
        assertThat(registry.add(CLIENT).status(SyncStanding.ASYNC).title()).isEqualTo("walsender standby1 startup");
    }

    private void take(StatusUpdate report, Lsn sent) {
        reports.statusUpdate(
                report.write().value(),
                report.flush().value(),
                report.apply().value(),
                report.clientTime(),
                sent.value());
    }

    private StandbyPositions counting() {
        SyncStandbys standbys = new SyncStandbys();
        standbys.become(Optional.empty(), List.of("standby1"));
        entry.stands(standbys, 0, store.end());
        return standbys.positions(0);
    }

    private static StandbyPositions positions(long write, long flush, long apply) {
        return new StandbyPositions(START.plus(write), START.plus(flush), START.plus(apply));
    }

    /** 0 is 0/0. */
    private static StatusUpdate report(long write, long flush, long apply) {
        return new StatusUpdate(at(write), at(flush), at(apply), PgTimestamp.fromInstant(BEGUN.minusSeconds(1)), false);
    }

    private static Lsn at(long distance) {
        return distance == 0 ? Lsn.INVALID : START.plus(distance);
    }
}
