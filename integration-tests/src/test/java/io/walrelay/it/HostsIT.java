package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.Relay;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of two hosts in {@code primary_conninfo} the relay follows, a primary and its standby. */
class HostsIT {
    private static final int MAJOR = 17;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static PostgresCluster standby;

    @BeforeAll
    static void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of());
        Rows.createTable(primary);
        standby = clusters.standbyOf(primary.port(), Map.of());
        standby.start();
    }

    @AfterAll
    static void stop() throws IOException {
        clusters.close();
    }

    @ParameterizedTest(name = "{0}, the {1} first: the {2}")
    @CsvSource({
        "any, primary, primary",
        "any, standby, standby",
        "read-write, standby, primary",
        "read-only, primary, standby",
        "primary, standby, primary",
        "standby, primary, standby",
        "prefer-standby, primary, standby"
    })
    void relayFollowsTheHostThatIsAskedFor(String attributes, String first, String chosen) throws Exception {
        // Given
        String name = "relay-" + attributes + "-" + first;

        // When
        try (Relay relay = relay(
                server(first),
                first.equals("primary") ? standby : primary,
                "application_name=" + name + " target_session_attrs=" + attributes)) {

            // Then
            awaitFollowed(server(chosen), name);
            Rows.insert(primary, 10);
            Lsn end = Positions.of(primary);
            await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(end));
            assertThat(follows(server(chosen), name)).isTrue();
        }
    }

    @ParameterizedTest(name = "load_balance_hosts = {0}")
    @CsvSource({"disable", "random"})
    void relayFollowsOneOfTheHostsWhenTheLoadIsBalanced(String balance) throws Exception {
        // Given, When
        String name = "balanced-" + balance;
        try (Relay relay = relay(primary, standby, "application_name=" + name + " load_balance_hosts=" + balance)) {

            // Then
            await().atMost(PATIENCE).until(() -> follows(primary, name) != follows(standby, name));
            Rows.insert(primary, 10);
            Lsn end = Positions.of(primary);
            await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(end));
        }
    }

    private static PostgresCluster server(String role) {
        return role.equals("primary") ? primary : standby;
    }

    private static Relay relay(PostgresCluster first, PostgresCluster second, String options) throws IOException {
        return Relays.inProcess(
                clusters,
                "host=127.0.0.1,127.0.0.1 port=" + first.port() + "," + second.port() + " user=postgres " + options,
                Map.of());
    }

    private static void awaitFollowed(PostgresCluster server, String name) {
        await(name + " streams").atMost(PATIENCE).until(() -> follows(server, name));
    }

    private static boolean follows(PostgresCluster server, String name) throws SQLException {
        return server.query(
                        "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND application_name = '"
                                + name + "'")
                .equals(Optional.of("1"));
    }
}
