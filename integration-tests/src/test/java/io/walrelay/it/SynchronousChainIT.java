package io.walrelay.it;

import static io.walrelay.it.support.WaitingCommits.stays;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.Signal;
import io.walrelay.it.support.WaitingCommits;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Primary, relay, relay, standby: each the synchronous standby of the one before it, so that a commit waits for the
 * last.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SynchronousChainIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init") // before all tests
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before all tests
    private WaitingCommits commits;

    @SuppressWarnings("NullAway.Init") // before all tests
    private ServeProcess near;

    @SuppressWarnings("NullAway.Init") // before all tests
    private ServeProcess far;

    @SuppressWarnings("NullAway.Init") // before all tests
    private PostgresCluster last;

    @BeforeAll
    void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        PostgresCluster primary = clusters.primary(Map.of());
        Rows.createTable(primary);
        near = Relays.process(clusters, primary.conninfo() + " application_name=near", Map.of());
        far = Relays.process(clusters, near.conninfo() + " application_name=far", Map.of());
        last = clusters.standbyOf(far.port(), Map.of());
        last.follow(far.conninfo() + " application_name=last", null);
        last.start();
        waitFor(near, "far");
        waitFor(far, "last");
        primary.set("synchronous_standby_names", "near");
        primary.reload();
        commits = new WaitingCommits(primary);
        await("the relay is synchronous")
                .atMost(PATIENCE)
                .until(() -> primary.query("SELECT sync_state FROM pg_stat_replication")
                        .equals(Optional.of("sync")));
    }

    @AfterAll
    void stop() throws IOException {
        clusters.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"remote_write", "on", "remote_apply"})
    void aCommitWaitsForTheStandbyAtTheEnd(String synchronousCommit) throws Exception {
        // Given
        commits.commit(synchronousCommit).get(60, TimeUnit.SECONDS);
        long walReceiver = Signal.stopWalReceiver(last);

        // When
        CompletableFuture<Void> commit = commits.commit(synchronousCommit);

        // Then
        commits.awaitWaiting();
        commits.awaitAllOn(far);
        stays("it waits, though both relays have it", () -> !commit.isDone());

        // When
        Signal.goOn(walReceiver);

        // Then
        commit.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aCommitWaitsForTheSecondRelayWhereTheLastStandbyIsNotWaitedFor() throws Exception {
        // Given
        waitFor(far, "");
        commits.commit("on").get(60, TimeUnit.SECONDS);
        long walReceiver = Signal.stopWalReceiver(last);

        // When / Then
        commits.commit("on").get(60, TimeUnit.SECONDS);
        far.freeze();
        CompletableFuture<Void> commit = commits.commit("on");
        commits.awaitWaiting();
        stays("it waits for the second relay", () -> !commit.isDone());
        far.thaw();
        commit.get(60, TimeUnit.SECONDS);
        Signal.goOn(walReceiver);
        waitFor(far, "last");
    }

    private static void waitFor(ServeProcess relay, String names) throws IOException {
        relay.configure("synchronous_standby_names", names)
                .configure("synchronous_transfer", "commit")
                .reload();
        await("it is in force")
                .atMost(PATIENCE)
                .until(() -> Positions.ask(relay.port(), "SHOW synchronous_standby_names")
                        .contains("DataRow '" + names + "'"));
    }
}
