package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Forwarder;
import io.walrelay.it.support.Load;
import io.walrelay.it.support.PgBench;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.PrimaryTest;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.WaitingCommits;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The relay as a synchronous standby of a real primary, as any standby is one. */
class StandInIT extends PrimaryTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A status update as CopyData. */
    private static final double STATUS_UPDATE_BYTES = 5 + 34;

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of());
    }

    @Test
    void aReloadAtThePrimaryMakesItSynchronousAndAsynchronousAgainUnderLoad() throws Exception {
        // Given
        ServeProcess relay = Relays.process(clusters, primary.conninfo() + " application_name=relay");
        WaitingCommits commits = new WaitingCommits(primary);
        awaitState("relay", "async");
        Optional<String> connection = primary.query("SELECT pid FROM pg_stat_replication");
        try (Load load = Load.on(primary)) {
            for (int round = 0; round < 3; round++) {
                // When
                synchronous("relay");

                // Then
                awaitState("relay", "sync");
                load.awaitMore();
                relay.freeze();
                CompletableFuture<Void> commit = commits.commit("on");
                commits.awaitWaiting();
                WaitingCommits.stays("the commit waits", () -> !commit.isDone());

                // When
                synchronous("");

                // Then
                commit.get(60, TimeUnit.SECONDS);
                load.awaitMore();
                relay.thaw();
                awaitState("relay", "async");
                load.awaitMore();
            }
        }
        assertThat(primary.query("SELECT pid FROM pg_stat_replication")).isEqualTo(connection);
    }

    @Test
    void itReportsNoMoreOftenThanAStandbyUnderLoad() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        Forwarder toRelay = clusters.closing(new Forwarder(primary.port()));
        Forwarder toStandby = clusters.closing(new Forwarder(primary.port()));
        ServeProcess relay = Relays.process(clusters, toRelay.conninfo() + " application_name=relay");
        PostgresCluster standby = clusters.standbyOf(primary.port(), Map.of());
        standby.follow(toStandby.conninfo() + " application_name=standby", null);
        standby.start();
        synchronous("2 (relay, standby)");
        awaitState("relay", "sync");
        awaitState("standby", "sync");
        try (PgBench load = PgBench.on(primary, tools, clusters.newDirectory("pgbench"))) {
            load.awaitMore();
            long relayed = toRelay.answered();
            long direct = toStandby.answered();

            // When
            for (int i = 0; i < 5; i++) {
                load.awaitMore();
            }

            // Then
            double ofRelay = (toRelay.answered() - relayed) / STATUS_UPDATE_BYTES;
            double ofStandby = (toStandby.answered() - direct) / STATUS_UPDATE_BYTES;
            System.out.printf("status updates: %.0f of the relay, %.0f of the standby%n", ofRelay, ofStandby);
            assertThat(ofRelay).isPositive().isLessThanOrEqualTo(1.1 * ofStandby);
        }
        Lsn end = Positions.of(primary);
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(end));
    }

    private void synchronous(String names) throws IOException {
        primary.set("synchronous_standby_names", names);
        primary.reload();
    }

    private void awaitState(String name, String state) {
        await(name + " is " + state)
                .atMost(PATIENCE)
                .until(() -> primary.query(
                                "SELECT sync_state FROM pg_stat_replication WHERE application_name = '" + name + "'")
                        .equals(Optional.of(state)));
    }
}
