package io.walrelay.proxy.syncrep;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SyncTransferTest {
    private static final StandbyPositions OWN = positions(100, 90, 0);
    private static final Instant EPOCH = Instant.parse("2024-05-01T10:00:00Z");

    private final SyncTransfer transfer = new SyncTransfer();
    private long now = 1_000_000_000;

    @ParameterizedTest
    @CsvSource({"OFF, 100, 90, -1", "COMMIT, 60, 50, -1", "DATA_FLUSH, 100, 90, 50", "ALL, 60, 50, 50"})
    void theTableOfSynchronousTransferHolds(SynchronousTransfer mode, long write, long flush, long limit) {
        // Given
        transfer.confirm(60, 50, 40);

        // When / Then
        assertThat(report(rules(mode), OWN)).isEqualTo(positions(write, flush, 40));
        assertThat(transfer.limit(rules(mode))).isEqualTo(limit < 0 ? SyncTransfer.NO_LIMIT : limit);
    }

    @ParameterizedTest
    @EnumSource(SynchronousTransfer.class)
    void withoutNamesNothingWaitsAndNothingIsApplied(SynchronousTransfer mode) {
        // Given
        transfer.confirm(60, 50, 40);
        SyncRules nobody = new SyncRules(Optional.empty(), mode, Duration.ZERO, ReplicationTimeoutAction.WAIT);

        // When / Then
        assertThat(report(nobody, OWN)).isEqualTo(positions(100, 90, 0));
        assertThat(transfer.limit(nobody)).isEqualTo(SyncTransfer.NO_LIMIT);
    }

    @Test
    void nothingIsReportedBeforeTheStandbysHaveSaidAnything() {
        assertThat(report(rules(SynchronousTransfer.ALL), OWN)).isEqualTo(StandbyPositions.UNKNOWN);
        assertThat(transfer.limit(rules(SynchronousTransfer.ALL))).isZero();
    }

    @Test
    void theRelaysOwnPositionsBoundWhatTheStandbysHave() {
        // Given: the relay has not flushed yet what it has sent on
        transfer.confirm(100, 99, 98);

        // When / Then
        assertThat(report(rules(SynchronousTransfer.COMMIT), OWN)).isEqualTo(positions(100, 90, 90));
    }

    @Test
    void whatWasReportedDoesNotGoBackWhenTheStandbysBecomeSynchronous() {
        // Given
        report(rules(SynchronousTransfer.OFF), OWN);

        // When
        transfer.confirm(60, 50, 40);

        // Then
        assertThat(report(rules(SynchronousTransfer.COMMIT), positions(200, 190, 0)))
                .isEqualTo(positions(100, 90, 40));
    }

    @Test
    void whatWasReleasedIsNotTakenBackByAnotherStandbyThatIsBehind() {
        // Given
        transfer.confirm(60, 50, 40);

        // When
        transfer.confirm(10, 80, 5);

        // Then
        assertThat(transfer.confirmed()).isEqualTo(positions(60, 80, 40));
    }

    @Test
    void nothingOfWalThatWasReplacedCountsForTheNewOne() {
        // Given
        transfer.confirm(60, 50, 40);
        report(rules(SynchronousTransfer.ALL), OWN);

        // When
        transfer.takenBack(45);

        // Then
        assertThat(report(rules(SynchronousTransfer.ALL), OWN)).isEqualTo(positions(45, 45, 40));
        assertThat(transfer.limit(rules(SynchronousTransfer.ALL))).isEqualTo(45);
    }

    @Test
    void theRelayGoesOnAloneWhenTheStandbysAreTooLate() {
        // Given
        SyncRules rules = rules(SynchronousTransfer.ALL, 1000, ReplicationTimeoutAction.ASYNC);
        transfer.confirm(60, 50, 40);
        transfer.flushedHere(90, now);

        // When / Then
        pass(999);
        assertThat(check(rules)).isEmpty();
        pass(1);
        assertThat(check(rules)).contains(new TransferState.Degraded(time(), new Lsn(50)));
        assertThat(report(rules, OWN)).isEqualTo(positions(100, 90, 40));
        assertThat(transfer.limit(rules)).isEqualTo(SyncTransfer.NO_LIMIT);
        assertThat(check(rules)).isEmpty();
    }

    @Test
    void theRelayWaitsOnWhereThatIsTheAction() {
        // Given
        SyncRules rules = rules(SynchronousTransfer.ALL, 1000, ReplicationTimeoutAction.WAIT);
        transfer.confirm(60, 50, 40);
        transfer.flushedHere(90, now);

        // When
        pass(1000);

        // Then
        assertThat(check(rules)).contains(new TransferState.Overdue(time(), new Lsn(50)));
        assertThat(report(rules, OWN)).isEqualTo(positions(60, 50, 40));
        assertThat(transfer.limit(rules)).isEqualTo(50);
    }

    @Test
    void aDegradedRelayIsArmedAgainWhenTheStandbysHaveCaughtUp() {
        // Given
        SyncRules rules = rules(SynchronousTransfer.COMMIT, 1000, ReplicationTimeoutAction.ASYNC);
        transfer.flushedHere(70, now);
        pass(800);
        transfer.flushedHere(90, now);
        pass(200);
        check(rules);
        report(rules, OWN);

        // When: what is left is 600 ms old, more than half of what is allowed
        transfer.confirm(70, 70, 70);
        pass(400);
        assertThat(check(rules)).isEmpty();

        // When: what is left is 400 ms old
        transfer.flushedHere(95, now);
        transfer.confirm(90, 90, 90);
        pass(400);

        // Then
        assertThat(check(rules)).contains(new TransferState.Armed());
        assertThat(report(rules, positions(110, 100, 0))).isEqualTo(positions(100, 90, 90));
    }

    @Test
    void aRelayThatWaitsGoesOnAloneWhenTheActionBecomesAsync() {
        // Given
        transfer.flushedHere(90, now);
        pass(1000);
        check(rules(SynchronousTransfer.COMMIT, 1000, ReplicationTimeoutAction.WAIT));

        // When / Then
        assertThat(check(rules(SynchronousTransfer.COMMIT, 1000, ReplicationTimeoutAction.ASYNC)))
                .contains(new TransferState.Degraded(time(), Lsn.INVALID));
        assertThat(check(rules(SynchronousTransfer.COMMIT, 1000, ReplicationTimeoutAction.WAIT)))
                .contains(new TransferState.Overdue(time(), Lsn.INVALID));
    }

    @Test
    void nobodyIsLateWhenNothingWaits() {
        // Given
        transfer.flushedHere(90, now);
        pass(1000);
        check(rules(SynchronousTransfer.COMMIT, 1000, ReplicationTimeoutAction.ASYNC));

        // When / Then
        SyncRules off = rules(SynchronousTransfer.OFF, 1000, ReplicationTimeoutAction.ASYNC);
        assertThat(check(off)).contains(new TransferState.Armed());
        pass(5000);
        assertThat(check(off)).isEmpty();
    }

    @Test
    void theTimeBeginsWhenSomethingBeginsToWait() {
        // Given: WAL that came while nothing waited for it to be confirmed
        SyncRules rules = rules(SynchronousTransfer.COMMIT, 1000, ReplicationTimeoutAction.ASYNC);
        transfer.flushedHere(90, now);
        check(rules(SynchronousTransfer.OFF));
        pass(5000);

        // When
        transfer.flushedHere(90, now);

        // Then
        assertThat(check(rules)).isEmpty();
        assertThat(transfer.untilCheck(rules, now)).isEqualTo(1_000_000_000);
        pass(1000);
        assertThat(check(rules)).isPresent();
        assertThat(transfer.untilCheck(rules, now)).isEqualTo(SyncTransfer.NEVER);
    }

    @Test
    void confirmedWalIsNotWaitedFor() {
        // Given
        SyncRules rules = rules(SynchronousTransfer.COMMIT, 1000, ReplicationTimeoutAction.ASYNC);
        transfer.flushedHere(90, now);

        // When
        transfer.confirm(90, 90, 0);
        pass(5000);

        // Then
        assertThat(transfer.untilCheck(rules, now)).isEqualTo(SyncTransfer.NEVER);
        assertThat(check(rules)).isEmpty();
    }

    @Test
    void muchUnconfirmedWalKeepsTheAgeOfItsOldestPart() {
        // Given
        UnconfirmedWal wal = new UnconfirmedWal();

        // When
        for (int i = 1; i <= 100_000; i++) {
            wal.flushedHere(i, i);
        }

        // Then
        assertThat(wal.age(100_000)).isEqualTo(99_999);
        wal.confirmed(50_000);
        // Neighbours were put together: it may look older, by at most a fraction of the whole.
        assertThat(100_000 - wal.age(100_000)).isBetween(50_001L - 100_000 / 40, 50_001L);
        wal.confirmed(100_000);
        assertThat(wal.isEmpty()).isTrue();
    }

    private Optional<TransferState> check(SyncRules rules) {
        return transfer.check(rules, now, this::time);
    }

    private void pass(long millis) {
        now += millis * 1_000_000;
    }

    private Instant time() {
        return EPOCH.plusNanos(now);
    }

    private static SyncRules rules(SynchronousTransfer mode) {
        return rules(mode, 0, ReplicationTimeoutAction.WAIT);
    }

    private static SyncRules rules(SynchronousTransfer mode, long timeoutMillis, ReplicationTimeoutAction action) {
        SyncStandbyNames names = new SyncStandbyNames(SyncMethod.PRIORITY, 1, List.of("s1"));
        return new SyncRules(Optional.of(names), mode, Duration.ofMillis(timeoutMillis), action);
    }

    private static StandbyPositions positions(long write, long flush, long apply) {
        return new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply));
    }

    private StandbyPositions report(SyncRules rules, StandbyPositions own) {
        transfer.report(
                rules,
                own.write().value(),
                own.flush().value(),
                (write, flush, apply) -> assertThat(transfer.reported())
                        .isEqualTo(new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply))));
        return transfer.reported();
    }
}
