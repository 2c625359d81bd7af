package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Commits;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two relays, either of which is enough for the primary's commits: {@code synchronous_standby_names = 'ANY 1 (a, b)'}.
 */
class TwoRelaysIT {
    private static final int MAJOR = 18;
    private static final int WRITERS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before each test
    private ServeProcess a;

    @SuppressWarnings("NullAway.Init") // before each test
    private ServeProcess b;

    @BeforeEach
    void start() throws IOException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of());
        a = relay("a");
        b = relay("b");
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    @Test
    void commitsGoOnWhenOneOfTheTwoIsKilledAndWaitWhenBothAre() throws Exception {
        // Given
        Commits commits = Commits.in(primary);
        primary.set("synchronous_standby_names", "ANY 1 (a, b)");
        primary.reload();
        awaitQuorumOf("a,b");
        commits.write(primary, WRITERS);
        commits.awaitMore(50);

        // When one of them is killed, and then the other
        a.kill();
        commits.awaitMore(200);
        awaitQuorumOf("b");
        a.start();
        awaitQuorumOf("a,b");
        b.kill();

        // Then
        commits.awaitMore(200);
        awaitQuorumOf("a");

        // And when both are dead
        a.kill();
        await("commits wait")
                .atMost(PATIENCE)
                .until(() -> primary.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                        .equals(Optional.of(Integer.toString(WRITERS))));
        int acknowledged = commits.count();
        b.start();

        // Then
        commits.awaitMore(200);
        assertThat(commits.count()).isGreaterThan(acknowledged);
        awaitQuorumOf("b");
        primary.kill();
        commits.awaitEnd();
    }

    private ServeProcess relay(String name) throws IOException {
        return Relays.process(
                clusters, primary.conninfo() + " application_name=" + name, Map.of("primary_slot_name", name));
    }

    private void awaitQuorumOf(String names) {
        await("synchronous are " + names).atMost(PATIENCE).until(() -> quorum().equals(Optional.of(names)));
    }

    private Optional<String> quorum() throws SQLException {
        return primary.query("SELECT string_agg(application_name, ',' ORDER BY application_name)"
                + " FROM pg_stat_replication WHERE sync_state = 'quorum' AND state = 'streaming'");
    }
}
