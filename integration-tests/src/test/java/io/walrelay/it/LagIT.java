package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Metrics;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.proxy.embedded.FreePort;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PGInterval;

/** How late a standby is, as the relay shows it and as a server shows it of a standby that is as late. */
class LagIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final double DELAY_SECONDS = 2;

    @SuppressWarnings("NullAway.Init") // before each test
    private Clusters clusters;

    @SuppressWarnings("NullAway.Init") // before each test
    private PostgresCluster primary;

    @SuppressWarnings("NullAway.Init") // before each test
    private ServeProcess relay;

    @SuppressWarnings("NullAway.Init") // before each test
    private Metrics metrics;

    @BeforeEach
    void start() throws IOException, SQLException {
        clusters = Clusters.of(MAJOR);
        primary = clusters.primary(Map.of());
        Rows.createTable(primary);
        int metricsPort = FreePort.next();
        metrics = new Metrics(metricsPort);
        relay = Relays.process(clusters, primary.conninfo(), Map.of("metrics_port", Integer.toString(metricsPort)));
    }

    @AfterEach
    void stop() throws IOException {
        clusters.close();
    }

    /** A row of pg_stat_replication, in seconds. */
    private record Lag(double write, double flush, double replay, Instant reply) {
        static Lag of(int port, String applicationName) throws SQLException {
            try (Connection connection = DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres");
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT write_lag, flush_lag, replay_lag, reply_time FROM pg_stat_replication"
                                    + " WHERE application_name = '" + applicationName + "'")) {
                assertThat(row.next()).as(applicationName).isTrue();
                return new Lag(
                        seconds(row, 1),
                        seconds(row, 2),
                        seconds(row, 3),
                        row.getTimestamp(4).toInstant());
            }
        }

        private static double seconds(ResultSet row, int column) throws SQLException {
            String text = row.getString(column);
            if (text == null) {
                return Double.NaN;
            }
            PGInterval lag = new PGInterval(text);
            return lag.getMinutes() * 60 + lag.getSeconds();
        }
    }

    @Test
    void aStandbyThatReplaysLateHasTheLagThatItsServerWouldShow() throws Exception {
        // Given
        standby("direct", primary.conninfo());
        standby("relayed", relay.conninfo());
        Instant begun = Instant.now();

        // When
        Lag direct = late(primary.port(), "direct");
        Lag relayed = late(relay.port(), "relayed");

        // Then
        for (Lag lag : new Lag[] {direct, relayed}) {
            assertThat(lag.replay()).isBetween(DELAY_SECONDS, 10 * DELAY_SECONDS);
            assertThat(lag.write()).isLessThanOrEqualTo(lag.flush());
            assertThat(lag.flush()).isLessThan(DELAY_SECONDS);
            assertThat(lag.reply()).isAfter(begun);
        }
    }

    @Test
    void theLinkToTheUpstreamShowsWhereItsWalEndsAndWhenItSaidSo() throws Exception {
        // Given
        Instant begun = Instant.now();

        // When
        Rows.insert(primary, 10);

        // Then
        Lsn end = Positions.of(primary);
        await("the relay has it")
                .atMost(PATIENCE)
                .until(() -> !Positions.of(relay).isBefore(end));
        await("the end of the upstream's WAL")
                .atMost(PATIENCE)
                .until(() -> metrics.value("walrelay_upstream_lsn_bytes") >= (double) end.value());
        assertThat(metrics.value("walrelay_upstream_streaming")).isEqualTo(1);
        assertThat(metrics.value("walrelay_upstream_lag_bytes")).isZero();
        assertThat(metrics.value("walrelay_upstream_last_message_time_seconds"))
                .isGreaterThan((double) begun.getEpochSecond());
        assertThat(metrics.value("walrelay_wal_received_bytes_total")).isPositive();
    }

    private void standby(String name, String upstream) throws IOException, SQLException {
        PostgresCluster standby = clusters.standbyOf(
                primary.port(),
                Map.of("recovery_min_apply_delay", (int) DELAY_SECONDS + "s", "wal_receiver_status_interval", "1s"));
        standby.follow(upstream + " application_name=" + name, null);
        standby.start();
    }

    /** Writes until the standby is seen to be late: it is no more when it has replayed all and said so twice. */
    private Lag late(int port, String name) {
        return await(name + " shows that it is late")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(
                        () -> {
                            Rows.insert(primary, 1);
                            return Lag.of(port, name);
                        },
                        lag -> lag.replay() >= DELAY_SECONDS && lag.flush() < DELAY_SECONDS);
    }
}
