package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.ManualTimer;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.syncrep.ReplicationState;
import io.walrelay.proxy.syncrep.ReplicationTimeoutAction;
import io.walrelay.proxy.syncrep.StandbyPositions;
import io.walrelay.proxy.syncrep.SyncRules;
import io.walrelay.proxy.syncrep.SyncStandbyNames;
import io.walrelay.proxy.syncrep.SynchronousTransfer;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is decided while the clients of several loops report at once. */
class SyncReplicationThreadsTest {
    private static final int REPORTS = 20_000;

    @TempDir
    private Path directory;

    private final SenderRegistry registry = new SenderRegistry();

    /** A client, and up to where it may have said that it is. */
    private static final class Standby {
        private final SenderEntry entry;
        private final SenderReports reports;
        private final AtomicLong said = new AtomicLong(START.value());

        Standby(SenderRegistry registry, WalStore store, String name) {
            entry = registry.add(SampleClients.named(name));
            entry.begin(START, Optional.empty());
            entry.state(ReplicationState.STREAMING);
            SendPosition position = SendPosition.of(store, () -> WalSendAfter.WRITE, Optional.empty(), START);
            reports = new SenderReports(entry, store, position, Optional.empty(), () -> 0);
        }

        void report() {
            for (int i = 1; i <= REPORTS; i++) {
                long position = START.value() + i;
                said.set(position);
                reports.statusUpdate(position, position, position, 0, position);
                if (i % 1000 == 0) {
                    // It falls behind and has caught up again: who counts is decided anew.
                    entry.state(ReplicationState.CATCHUP);
                    entry.state(ReplicationState.STREAMING);
                }
            }
        }
    }

    @Test
    void noDecisionIsAheadOfWhatEnoughHaveSaidNorTorn() throws Exception {
        // Given
        ManualTimer timer = new ManualTimer();
        SyncRules rules = new SyncRules(
                SyncStandbyNames.parse("ANY 2 (*)"),
                SynchronousTransfer.COMMIT,
                Duration.ZERO,
                ReplicationTimeoutAction.WAIT);
        try (WalStore store = SampleCluster.store(new WatchedStorage(), directory);
                ExecutorService loops = Executors.newFixedThreadPool(3)) {
            receive(store, new byte[REPORTS]);
            SyncReplication replication = new SyncReplication(
                    store, registry, () -> rules, new Deaf(), timer, timer::nanoTime, Clock.systemUTC());
            List<Standby> standbys = List.of(
                    new Standby(registry, store, "s1"),
                    new Standby(registry, store, "s2"),
                    new Standby(registry, store, "s3"));

            // When
            List<CompletableFuture<Void>> reporting = new ArrayList<>();
            standbys.forEach(standby -> reporting.add(CompletableFuture.runAsync(standby::report, loops)));
            CompletableFuture<Void> all = CompletableFuture.allOf(reporting.toArray(CompletableFuture[]::new));

            // Then
            Lsn last = Lsn.INVALID;
            while (!all.isDone()) {
                StandbyPositions confirmed = replication.status().confirmed();
                long enough = standbys.stream()
                        .mapToLong(standby -> standby.said.get())
                        .sorted()
                        .skip(1)
                        .findFirst()
                        .orElseThrow();
                assertThat(confirmed.flush()).isBetween(last, new Lsn(enough));
                assertThat(confirmed.write()).isEqualTo(confirmed.flush());
                assertThat(confirmed.apply()).isEqualTo(confirmed.flush());
                last = confirmed.flush();
            }
            all.join();
            assertThat(replication.status().confirmed().flush()).isEqualTo(START.plus(REPORTS));
        }
        timer.shutdownNow();
    }

    /** Who needs not be told, for it is asked. */
    private static final class Deaf implements SyncReplication.Listener {
        @Override
        public void positionsMoved() {}

        @Override
        public void limitMoved() {}
    }
}
