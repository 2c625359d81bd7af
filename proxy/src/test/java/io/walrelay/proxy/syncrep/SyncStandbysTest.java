package io.walrelay.proxy.syncrep;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.replication.Lsn;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyncStandbysTest {
    @Test
    void everybodyIsAsynchronousWithoutNames() {
        // When
        SyncStandbys set = set(Optional.empty(), streaming("a", 30, 20, 10));

        // Then
        assertThat(set.set().standings()).containsExactly(SyncStanding.ASYNC);
        assertThat(synced(set)).isEmpty();
    }

    @Test
    void theFirstOfTheListIsSynchronousAndTheOthersArePotential() throws StandbyNamesException {
        // When
        SyncStandbys set =
                set("a, b", streaming("b", 90, 90, 90), streaming("x", 99, 99, 99), streaming("a", 30, 20, 10));

        // Then
        assertThat(set.set().standings())
                .containsExactly(
                        new SyncStanding(2, SyncState.POTENTIAL),
                        SyncStanding.ASYNC,
                        new SyncStanding(1, SyncState.SYNC));
        assertThat(synced(set)).contains(positions(30, 20, 10));
    }

    @Test
    void ofSeveralSynchronousStandbysEachPositionIsTheOldest() throws StandbyNamesException {
        SyncStandbys set = set(
                "FIRST 2 (a, b, c)", streaming("a", 30, 25, 1), streaming("b", 40, 20, 5), streaming("c", 10, 10, 10));

        assertThat(synced(set)).contains(positions(30, 20, 1));
    }

    @Test
    void ofAQuorumEachPositionIsTheNthLatest() throws StandbyNamesException {
        // When
        SyncStandbys set = set(
                "ANY 2 (a, b, c)",
                streaming("a", 30, 10, 3),
                streaming("b", 10, 30, 1),
                streaming("c", 20, 20, 2),
                streaming("d", 99, 99, 99));

        // Then
        assertThat(set.set().standings())
                .containsExactly(
                        new SyncStanding(1, SyncState.QUORUM),
                        new SyncStanding(1, SyncState.QUORUM),
                        new SyncStanding(1, SyncState.QUORUM),
                        SyncStanding.ASYNC);
        assertThat(synced(set)).contains(positions(20, 20, 2));
    }

    @Test
    void nothingIsSyncedWhileThereAreTooFewStandbys() throws StandbyNamesException {
        SyncStandbys set = set("FIRST 2 (a, b)", streaming("a", 30, 20, 10));

        assertThat(synced(set)).isEmpty();
        assertThat(set.set().standings()).containsExactly(new SyncStanding(1, SyncState.SYNC));
    }

    @ParameterizedTest
    @EnumSource(
            value = ReplicationState.class,
            names = {"STARTUP", "BACKUP", "CATCHUP"})
    void aStandbyThatHasNotCaughtUpIsPotential(ReplicationState state) throws StandbyNamesException {
        SyncStandbys set = set("a, b", standby("a", state, 30, 20, 10), streaming("b", 9, 8, 7));

        assertThat(set.set().standings())
                .containsExactly(new SyncStanding(1, SyncState.POTENTIAL), new SyncStanding(2, SyncState.SYNC));
        assertThat(synced(set)).contains(positions(9, 8, 7));
    }

    @Test
    void aStandbyStillCountsWhileItsSenderIsStopping() throws StandbyNamesException {
        assertThat(synced(set("a", standby("a", ReplicationState.STOPPING, 3, 2, 1))))
                .contains(positions(3, 2, 1));
    }

    @Test
    void aStandbyThatSaysNothingOfItsFlushIsAsynchronous() throws StandbyNamesException {
        SyncStandbys set = set("ANY 1 (a, b)", streaming("a", 30, 0, 10), streaming("b", 9, 8, 7));

        assertThat(set.set().standings()).containsExactly(SyncStanding.ASYNC, new SyncStanding(1, SyncState.QUORUM));
        assertThat(synced(set)).contains(positions(9, 8, 7));
    }

    @Test
    void whatOneSynchronousStandbyDoesNotReportIsNotSynced() throws StandbyNamesException {
        // PostgreSQL's answer depends on who connected first; the truth does not.
        assertThat(synced(set("FIRST 2 (a, b)", streaming("a", 9, 8, 0), streaming("b", 9, 8, 7))))
                .contains(positions(9, 8, 0));
        assertThat(synced(set("FIRST 2 (a, b)", streaming("b", 9, 8, 7), streaming("a", 9, 8, 0))))
                .contains(positions(9, 8, 0));
    }

    @Test
    void ofTwoWithTheSamePriorityTheOneThatCameFirstIsPreferred() throws StandbyNamesException {
        SyncStandbys set = set("*", streaming("a", 3, 2, 1), streaming("b", 9, 8, 7));

        assertThat(set.set().standings())
                .containsExactly(new SyncStanding(1, SyncState.SYNC), new SyncStanding(1, SyncState.POTENTIAL));
        assertThat(synced(set)).contains(positions(3, 2, 1));
    }

    @Test
    void positionsAreComparedWithoutSign() throws StandbyNamesException {
        SyncStandbys set = set("2 (a, b)", streaming("a", -1, -1, -1), streaming("b", 1, 1, 1));

        assertThat(synced(set)).contains(positions(1, 1, 1));
    }

    @Test
    void thoseThatCountLead() throws StandbyNamesException {
        assertThat(set("a, b", streaming("b", 9, 8, 7), streaming("a", 9, 8, 7))
                        .set()
                        .leaders())
                .containsExactly(1);
        assertThat(set("ANY 1 (a, b)", streaming("b", 9, 8, 7), streaming("a", 9, 8, 7))
                        .set()
                        .leaders())
                .containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void thoseThatAreToCompleteTheSetLeadToo() throws StandbyNamesException {
        // Given
        PlainSyncSet.Standby connecting = standby("a", ReplicationState.STARTUP, 0, 0, 0);
        PlainSyncSet.Standby catchingUp = standby("b", ReplicationState.CATCHUP, 0, 0, 0);
        PlainSyncSet.Standby next = standby("c", ReplicationState.CATCHUP, 0, 0, 0);

        // When / Then
        assertThat(set("a, b, c", connecting, next, catchingUp).set().leaders()).containsExactly(2);
        assertThat(set("2 (a, b, c, d)", next, catchingUp, streaming("d", 3, 2, 1))
                        .set()
                        .leaders())
                .containsExactlyInAnyOrder(1, 2);
        assertThat(set("ANY 1 (a, b, c)", connecting, next, catchingUp).set().leaders())
                .containsExactlyInAnyOrder(1, 2);
        assertThat(set("d", connecting, next, catchingUp, streaming("e", 3, 2, 1))
                        .set()
                        .leaders())
                .isEmpty();
    }

    private static SyncStandbys set(String names, PlainSyncSet.Standby... standbys) throws StandbyNamesException {
        return set(SyncStandbyNames.parse(names), standbys);
    }

    private static SyncStandbys set(Optional<SyncStandbyNames> names, PlainSyncSet.Standby... standbys) {
        SyncStandbys connected = new SyncStandbys();
        connected.become(
                names,
                Stream.of(standbys).map(PlainSyncSet.Standby::applicationName).toList());
        for (int i = 0; i < standbys.length; i++) {
            StandbyPositions positions = standbys[i].positions();
            connected.stands(
                    i,
                    standbys[i].state(),
                    positions.write().value(),
                    positions.flush().value(),
                    positions.apply().value());
        }
        return connected;
    }

    private static Optional<StandbyPositions> synced(SyncStandbys set) {
        AtomicReference<StandbyPositions> told = new AtomicReference<>();
        set.synced((write, flush, apply) -> told.set(positions(write, flush, apply)));
        return Optional.ofNullable(told.get());
    }

    private static PlainSyncSet.Standby streaming(String name, long write, long flush, long apply) {
        return standby(name, ReplicationState.STREAMING, write, flush, apply);
    }

    private static PlainSyncSet.Standby standby(
            String name, ReplicationState state, long write, long flush, long apply) {
        return new PlainSyncSet.Standby(name, state, positions(write, flush, apply));
    }

    private static StandbyPositions positions(long write, long flush, long apply) {
        return new StandbyPositions(new Lsn(write), new Lsn(flush), new Lsn(apply));
    }
}
