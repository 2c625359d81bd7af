package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Metrics;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.RelayTest;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.FreePort;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How far the relay is behind its upstream, as it shows it. */
class LagIT extends RelayTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init") // before each test
    private Metrics metrics;

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, Map.of());
        int metricsPort = FreePort.next();
        metrics = new Metrics(metricsPort);
        startRelay(Map.of("metrics_port", Integer.toString(metricsPort)));
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
}
