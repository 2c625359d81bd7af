package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.awaitFlushed;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.ManualTimer;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.ReplicationTimeoutAction;
import io.walrelay.proxy.syncrep.StandbyNamesException;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.SyncState;
import io.walrelay.proxy.syncrep.SynchronousTransfer;
import io.walrelay.proxy.syncrep.TransferState;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.PgTimestamp;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncReplicationTest {

    @TempDir
    private Path directory;

    private final SenderRegistry registry = new SenderRegistry();
    private final ManualTimer timer = new ManualTimer();
    private SyncRules rules = SyncRules.NONE;
    private int moves;
    private int limits;

    @SuppressWarnings("NullAway.Init") // before each test
    private WalStore store;

    @SuppressWarnings("NullAway.Init") // before each test
    private SyncReplication replication;

    /** A client that streams, and its reports. */
    private final class Standby {
        private final SenderEntry entry;
        private final SenderReports reports;

        Standby(String name) {
            entry = registry.add(SampleClients.named(name));
            SendPosition position = SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START);
            entry.begin(START, Optional.empty());
            reports = new SenderReports(
                    entry, store, position, Optional.empty(), () -> PgTimestamp.now(Clock.systemUTC()));
        }

        Standby streaming() {
            entry.state(ReplicationState.STREAMING);
            return this;
        }

        void report(long write, long flush, long apply) {
            long start = START.value();
            reports.statusUpdate(start + write, start + flush, start + apply, 0, start);
        }

        void leave() {
            registry.remove(entry);
        }

        Lsn limit() {
            return new Lsn(entry.limit(store.end().written().value()));
        }
    }

    @BeforeEach
    void open() throws Exception {
        store = SampleCluster.store(new WatchedStorage(), directory);
        replication = new SyncReplication(
                store,
                registry,
                () -> rules,
                new SyncReplication.Listener() {
                    @Override
                    public void positionsMoved() {
                        moves++;
                    }

                    @Override
                    public void limitMoved() {
                        limits++;
                    }
                },
                timer,
                timer::nanoTime,
                Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
        timer.shutdownNow();
    }

    private void have(int bytes) throws Exception {
        receive(store, new byte[bytes]);
        awaitFlushed(store, store.end().written());
        // What the flusher tells may come later than that it has flushed.
        replication.reconsider();
    }

    private void rule(String names, SynchronousTransfer mode) throws StandbyNamesException {
        rule(names, mode, 0);
    }

    private void rule(String names, SynchronousTransfer mode, long timeoutMillis) throws StandbyNamesException {
        rules = new SyncRules(
                SyncStandbyNames.parse(names), mode, Duration.ofMillis(timeoutMillis), ReplicationTimeoutAction.ASYNC);
        replication.reconsider();
    }

    @Test
    void withoutNamesTheRelayReportsItsOwnPositions() throws Exception {
        have(1000);
        new Standby("s1").streaming().report(10, 10, 10);

        assertThat(report()).isEqualTo(new StandbyPositions(START.plus(1000), START.plus(1000), Lsn.INVALID));
        assertThat(moves).isZero();
    }

    @Test
    void aReportOfASynchronousStandbyMovesWhatIsReportedAtOnce() throws Exception {
        // Given
        have(1000);
        rule("s1", SynchronousTransfer.COMMIT);
        Standby standby = new Standby("s1").streaming();
        assertThat(report()).isEqualTo(StandbyPositions.UNKNOWN);
        int before = moves;

        // When
        standby.report(300, 200, 100);

        // Then
        assertThat(moves).isEqualTo(before + 1);
        assertThat(report()).isEqualTo(positions(300, 200, 100));
        assertThat(replication.senders()).singleElement().satisfies(shown -> {
            assertThat(shown.standing().priority()).isEqualTo(1);
            assertThat(shown.standing().state()).isEqualTo(SyncState.SYNC);
        });
    }

    @Test
    void aReloadChangesTheSetAtOnce() throws Exception {
        // Given
        have(1000);
        rule("s1", SynchronousTransfer.COMMIT);
        new Standby("s1").streaming().report(300, 200, 100);
        new Standby("s2").streaming().report(900, 800, 700);

        // When / Then
        rule("s2", SynchronousTransfer.COMMIT);
        assertThat(report()).isEqualTo(positions(900, 800, 700));
        rule("", SynchronousTransfer.COMMIT);
        assertThat(report().flush()).isEqualTo(START.plus(1000));
        assertThat(replication.senders())
                .allSatisfy(shown -> assertThat(shown.standing().state()).isEqualTo(SyncState.ASYNC));
    }

    @Test
    void othersAreSentWhatTheSetHasFlushedAndTheSetItselfEverything() throws Exception {
        // Given
        rule("s1", SynchronousTransfer.DATA_FLUSH);
        have(1000);
        Standby standby = new Standby("s1").streaming();
        Standby other = new Standby("other").streaming();
        standby.report(1000, 1000, 0);
        have(500);
        have(500);

        // When / Then
        assertThat(standby.limit()).isEqualTo(START.plus(2000));
        assertThat(other.limit()).isEqualTo(START.plus(1000));
        standby.report(2000, 1500, 0);
        assertThat(other.limit()).isEqualTo(START.plus(1500));
        assertThat(limits).isGreaterThan(1);
        assertThat(report().flush()).isEqualTo(START.plus(2000));
        assertThat(replication.unconfirmed()).contains(START.plus(1500));
    }

    @Test
    void othersAreSentNothingThatEndsWhereAMessageMayNotEnd() throws Exception {
        // Given
        rule("s1", SynchronousTransfer.ALL);
        Standby standby = new Standby("s1").streaming();
        Standby other = new Standby("other").streaming();
        have(1000);
        have(500);

        // When
        standby.report(1500, 1234, 0);

        // Then
        assertThat(other.limit()).isEqualTo(START.plus(1000));
    }

    @Test
    void aPotentialStandbyIsHeldUntilItIsToTakeItsPlaceInTheSet() throws Exception {
        // Given
        rule("s1, s2", SynchronousTransfer.ALL);
        have(1000);
        Standby first = new Standby("s1").streaming();
        Standby second = new Standby("s2").streaming();
        first.report(1000, 1000, 0);
        second.report(500, 500, 0);
        have(1000);
        assertThat(second.limit()).isEqualTo(START.plus(1000));

        // When
        first.leave();

        // Then: it counts, and gets everything; what was released is not taken back
        assertThat(second.limit()).isEqualTo(START.plus(2000));
        assertThat(report().flush()).isEqualTo(START.plus(1000));
        second.report(1800, 1700, 0);
        assertThat(report().flush()).isEqualTo(START.plus(1700));
    }

    @Test
    void whoIsToCompleteTheSetCatchesUpUnhindered() throws Exception {
        // Given
        rule("s1, s2", SynchronousTransfer.ALL);
        have(1000);

        // When
        Standby second = new Standby("s2");
        Standby other = new Standby("other");

        // Then
        assertThat(second.limit()).isEqualTo(START.plus(1000));
        assertThat(other.limit()).isEqualTo(Lsn.INVALID);
        new Standby("s1");
        assertThat(second.limit()).isEqualTo(Lsn.INVALID);
    }

    @Test
    void aStandbyThatLeavesHoldsWhatItHasConfirmed() throws Exception {
        // Given
        have(1000);
        rule("s1", SynchronousTransfer.COMMIT);
        Standby standby = new Standby("s1").streaming();
        standby.report(300, 200, 100);

        // When
        standby.leave();
        have(1000);

        // Then
        assertThat(report()).isEqualTo(positions(300, 200, 100));
    }

    @Test
    void theRelayGoesOnAloneAfterTheTimeoutAndSaysSo() throws Exception {
        // Given
        rule("s1", SynchronousTransfer.ALL, 1000);
        Standby standby = new Standby("s1").streaming();
        Standby other = new Standby("other").streaming();
        have(1000);
        standby.report(500, 500, 500);

        // When
        timer.advance(Duration.ofSeconds(1));

        // Then
        assertThat(replication.status().state()).isInstanceOf(TransferState.Degraded.class);
        assertThat(replication.status().degradations()).isEqualTo(1);
        assertThat(report().flush()).isEqualTo(START.plus(1000));
        assertThat(replication.status().reported()).isEqualTo(positions(1000, 1000, 500));
        assertThat(other.limit()).isEqualTo(START.plus(1000));
        assertThat(replication.status().events())
                .extracting(SyncStatus.Event::state)
                .containsExactly("degraded");

        // When
        standby.report(1000, 1000, 500);

        // Then
        assertThat(replication.status().state()).isEqualTo(new TransferState.Armed());
        assertThat(replication.status().degradations()).isEqualTo(1);
        assertThat(replication.status().events())
                .extracting(SyncStatus.Event::message)
                .last()
                .isEqualTo("replication is synchronous again from " + START.plus(1000) + " on");
    }

    @Test
    void theTimeoutIsActedOnAtItsDeadlineWithoutAnybodyReporting() throws Exception {
        // Given
        rule("s1", SynchronousTransfer.COMMIT, 1000);
        have(1000);
        int before = moves;

        // When / Then
        timer.advance(Duration.ofMillis(999));
        assertThat(replication.status().state()).isEqualTo(new TransferState.Armed());
        timer.advance(Duration.ofMillis(1));
        assertThat(replication.status().state()).isInstanceOf(TransferState.Degraded.class);
        assertThat(moves).isEqualTo(before + 1);
        assertThat(timer.pending()).isZero();
    }

    @Test
    void theDeadlineIsThatOfTheOldestWalThatIsNotConfirmed() throws Exception {
        // Given
        rule("s1", SynchronousTransfer.COMMIT, 1000);
        Standby standby = new Standby("s1").streaming();
        have(1000);
        timer.advance(Duration.ofMillis(600));
        have(500);
        timer.advance(Duration.ofMillis(300));
        standby.report(1000, 1000, 1000);

        // When / Then
        timer.advance(Duration.ofMillis(699));
        assertThat(replication.status().state()).isEqualTo(new TransferState.Armed());
        assertThat(timer.pending()).isEqualTo(1);
        timer.advance(Duration.ofMillis(1));
        assertThat(replication.status().state()).isInstanceOf(TransferState.Degraded.class);
    }

    @Test
    void aReloadMovesTheDeadline() throws Exception {
        // Given
        rule("s1", SynchronousTransfer.COMMIT, 10_000);
        have(1000);
        timer.advance(Duration.ofMillis(500));

        // When
        rule("s1", SynchronousTransfer.COMMIT, 1000);

        // Then
        assertThat(timer.pending()).isEqualTo(1);
        timer.advance(Duration.ofMillis(499));
        assertThat(replication.status().state()).isEqualTo(new TransferState.Armed());
        timer.advance(Duration.ofMillis(1));
        assertThat(replication.status().state()).isInstanceOf(TransferState.Degraded.class);
    }

    @Test
    void nothingBehindTheSwitchPointIsReportedOfTheOldTimeline() throws Exception {
        // Given
        have(1000);
        rule("s1", SynchronousTransfer.COMMIT);
        Standby standby = new Standby("s1").streaming();
        standby.report(1000, 1000, 1000);
        assertThat(report().flush()).isEqualTo(START.plus(1000));

        // When
        store.switchTimeline(SampleCluster.history(SECOND, "1\t" + START.plus(800) + "\tx"));
        have(5000);

        // Then
        assertThat(report().flush()).isEqualTo(START.plus(800));
        standby.report(1000, 1000, 1000);
        assertThat(report().flush()).isEqualTo(START.plus(800));
    }

    private static StandbyPositions positions(long write, long flush, long apply) {
        return new StandbyPositions(START.plus(write), START.plus(flush), START.plus(apply));
    }

    /** What the upstream is told. */
    private StandbyPositions report() {
        replication.report((write, flush, apply) -> {});
        return replication.status().reported();
    }
}
