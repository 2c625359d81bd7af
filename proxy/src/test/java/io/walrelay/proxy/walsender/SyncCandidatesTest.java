package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.StandbyNamesException;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.SyncState;
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncCandidatesTest {
    @TempDir
    private Path directory;

    private final SenderRegistry registry = new SenderRegistry();
    private final SyncCandidates candidates = new SyncCandidates();

    @SuppressWarnings("NullAway.Init") // before each test
    private WalStore store;

    @BeforeEach
    void open() throws Exception {
        store = SampleCluster.store(new WatchedStorage(), directory);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private SenderEntry streaming(String name) {
        WalEnd end = store.end();
        SenderEntry entry = registry.add(SampleClients.named(name));
        long position = START.value();
        entry.begin(START, Optional.empty());
        entry.state(ReplicationState.STREAMING);
        entry.reported(
                position,
                position,
                position,
                Confirmed.NOTHING.and(position, position, position, position, end),
                ReplicationLag.NONE,
                0);
        return entry;
    }

    private SyncMembers look(String names) throws StandbyNamesException {
        return candidates.look(SyncStandbyNames.parse(names), registry.entries(), store.end());
    }

    @Test
    void theSameMembersAreTheSameObject() throws StandbyNamesException {
        // Given
        streaming("s1");
        SyncMembers first = look("s1");

        // When / Then
        assertThat(look("s1")).isSameAs(first);
        streaming("s1").end();
        assertThat(look("s1")).isNotEqualTo(first);
    }

    @Test
    void whoTakesTheSamePlaceBetweenTwoLooksIsAnother() throws StandbyNamesException {
        // Given
        SenderEntry gone = streaming("s1");
        assertThat(look("s1").standing(gone).state()).isEqualTo(SyncState.SYNC);

        // When
        registry.remove(gone);
        SenderEntry came = streaming("s1");

        // Then
        SyncMembers members = look("s1");
        assertThat(members.leaders()).containsExactly(came);
        assertThat(members.standing(came).state()).isEqualTo(SyncState.SYNC);
        assertThat(members.standing(gone).state()).isEqualTo(SyncState.ASYNC);
    }

    @Test
    void whatIsListedIsTheListAsItWas() {
        // Given
        SenderEntry first = streaming("s1");
        List<SenderEntry> before = registry.entries();

        // When
        SenderEntry second = streaming("s2");
        registry.remove(first);

        // Then
        assertThat(before).containsExactly(first);
        assertThat(registry.entries()).containsExactly(second).isSameAs(registry.entries());
    }
}
