package io.walrelay.proxy.syncrep;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.Lsn;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyncSetTest {
    @Test
    void everybodyIsAsynchronousWithoutNames() {
        // When
        SyncSet set = SyncSet.of(Optional.empty(), List.of(streaming("a", 30, 20, 10)));

        // Then
        assertThat(set.standings()).containsExactly(SyncStanding.ASYNC);
        assertThat(set.synced()).isEmpty();
    }

    @Test
    void theFirstOfTheListIsSynchronousAndTheOthersArePotential() throws StandbyNamesException {
        // When
        SyncSet set = set("a, b", streaming("b", 90, 90, 90), streaming("x", 99, 99, 99), streaming("a", 30, 20, 10));

        // Then
        assertThat(set.standings())
                .containsExactly(
                        new SyncStanding(2, SyncState.POTENTIAL),
                        SyncStanding.ASYNC,
                        new SyncStanding(1, SyncState.SYNC));
        assertThat(set.synced()).contains(positions(30, 20, 10));
    }

    @Test
    void ofSeveralSynchronousStandbysEachPositionIsTheOldest() throws StandbyNamesException {
        SyncSet set = set(
                "FIRST 2 (a, b, c)", streaming("a", 30, 25, 1), streaming("b", 40, 20, 5), streaming("c", 10, 10, 10));

        assertThat(set.synced()).contains(positions(30, 20, 1));
    }

    @Test
    void ofAQuorumEachPositionIsTheNthLatest() throws StandbyNamesException {
        // When
        SyncSet set = set(
                "ANY 2 (a, b, c)",
                streaming("a", 30, 10, 3),
                streaming("b", 10, 30, 1),
                streaming("c", 20, 20, 2),
                streaming("d", 99, 99, 99));

        // Then
        assertThat(set.standings())
                .containsExactly(
                        new SyncStanding(1, SyncState.QUORUM),
                        new SyncStanding(1, SyncState.QUORUM),
                        new SyncStanding(1, SyncState.QUORUM),
                        SyncStanding.ASYNC);
        assertThat(set.synced()).contains(positions(20, 20, 2));
    }

    @Test
    void nothingIsSyncedWhileThereAreTooFewStandbys() throws StandbyNamesException {
        SyncSet set = set("FIRST 2 (a, b)", streaming("a", 30, 20, 10));

        assertThat(set.synced()).isEmpty();
        assertThat(set.standings()).containsExactly(new SyncStanding(1, SyncState.SYNC));
    }

    @ParameterizedTest
    @EnumSource(
            value = ReplicationState.class,
            names = {"STARTUP", "BACKUP", "CATCHUP"})
    void aStandbyThatHasNotCaughtUpIsPotential(ReplicationState state) throws StandbyNamesException {
        SyncSet set = set("a, b", standby("a", state, 30, 20, 10), streaming("b", 9, 8, 7));

        assertThat(set.standings())
                .containsExactly(new SyncStanding(1, SyncState.POTENTIAL), new SyncStanding(2, SyncState.SYNC));
        assertThat(set.synced()).contains(positions(9, 8, 7));
    }

    @Test
    void aStandbyStillCountsWhileItsSenderIsStopping() throws StandbyNamesException {
        assertThat(set("a", standby("a", ReplicationState.STOPPING, 3, 2, 1)).synced())
                .contains(positions(3, 2, 1));
    }

    @Test
    void aStandbyThatSaysNothingOfItsFlushIsAsynchronous() throws StandbyNamesException {
        SyncSet set = set("ANY 1 (a, b)", streaming("a", 30, 0, 10), streaming("b", 9, 8, 7));

        assertThat(set.standings()).containsExactly(SyncStanding.ASYNC, new SyncStanding(1, SyncState.QUORUM));
        assertThat(set.synced()).contains(positions(9, 8, 7));
    }

    @Test
    void whatOneSynchronousStandbyDoesNotReportIsNotSynced() throws StandbyNamesException {
        // PostgreSQL's answer depends on who connected first; the truth does not.
        assertThat(set("FIRST 2 (a, b)", streaming("a", 9, 8, 0), streaming("b", 9, 8, 7))
                        .synced())
                .contains(positions(9, 8, 0));
        assertThat(set("FIRST 2 (a, b)", streaming("b", 9, 8, 7), streaming("a", 9, 8, 0))
                        .synced())
                .contains(positions(9, 8, 0));
    }

    @Test
    void ofTwoWithTheSamePriorityTheOneThatCameFirstIsPreferred() throws StandbyNamesException {
        SyncSet set = set("*", streaming("a", 3, 2, 1), streaming("b", 9, 8, 7));

        assertThat(set.standings())
                .containsExactly(new SyncStanding(1, SyncState.SYNC), new SyncStanding(1, SyncState.POTENTIAL));
        assertThat(set.synced()).contains(positions(3, 2, 1));
    }

    @Test
    void positionsAreComparedWithoutSign() throws StandbyNamesException {
        SyncSet set = set("2 (a, b)", streaming("a", -1, -1, -1), streaming("b", 1, 1, 1));

        assertThat(set.synced()).contains(positions(1, 1, 1));
    }

    @Test
    void thoseThatCountLead() throws StandbyNamesException {
        assertThat(set("a, b", streaming("b", 9, 8, 7), streaming("a", 9, 8, 7)).leaders())
                .containsExactly(1);
        assertThat(set("ANY 1 (a, b)", streaming("b", 9, 8, 7), streaming("a", 9, 8, 7))
                        .leaders())
                .containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void thoseThatAreToCompleteTheSetLeadToo() throws StandbyNamesException {
        // Given
        SyncStandby connecting = standby("a", ReplicationState.STARTUP, 0, 0, 0);
        SyncStandby catchingUp = standby("b", ReplicationState.CATCHUP, 0, 0, 0);
        SyncStandby next = standby("c", ReplicationState.CATCHUP, 0, 0, 0);

        // When / Then
        assertThat(set("a, b, c", connecting, next, catchingUp).leaders()).containsExactly(2);
        assertThat(set("2 (a, b, c, d)", next, catchingUp, streaming("d", 3, 2, 1))
                        .leaders())
                .containsExactlyInAnyOrder(1, 2);
        assertThat(set("ANY 1 (a, b, c)", connecting, next, catchingUp).leaders())
                .containsExactlyInAnyOrder(1, 2);
        assertThat(set("d", connecting, next, catchingUp, streaming("e", 3, 2, 1))
                        .leaders())
                .isEmpty();
    }

    private static SyncSet set(String names, SyncStandby... standbys) throws StandbyNamesException {
        return SyncSet.of(SyncStandbyNames.parse(names), List.of(standbys));
    }

    private static SyncStandby streaming(String name, long write, long flush, long apply) {
        return standby(name, ReplicationState.STREAMING, write, flush, apply);
    }

    private static SyncStandby standby(String name, ReplicationState state, long write, long flush, long apply) {
        return new SyncStandby(name, state, positions(write, flush, apply));
    }

    private static StandbyPositions positions(long write, long flush, long apply) {
        return new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply));
    }
}
