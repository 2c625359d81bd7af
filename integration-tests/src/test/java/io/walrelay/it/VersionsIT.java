package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Relay;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A primary and a real standby of each major version, with nothing but the relay between them. */
class VersionsIT {
    private static final int SEGMENT_SIZE_MAJOR = 15;

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("io.walrelay.it.support.Majors#all")
    void standbyFollowsThroughTheRelay(int major) throws IOException, SQLException {
        try (Clusters clusters = Clusters.of(major)) {
            assertThatAStandbyFollows(clusters);
        }
    }

    @ParameterizedTest(name = "wal_segment_size {0} MB")
    @ValueSource(ints = {1, 64})
    void standbyFollowsWhateverTheSegmentSize(int megabytes) throws IOException, SQLException {
        try (Clusters clusters = Clusters.of(SEGMENT_SIZE_MAJOR)) {
            assertThatAStandbyFollows(clusters, "--wal-segsize=" + megabytes);
        }
    }

    private static void assertThatAStandbyFollows(Clusters clusters, String... initdbOptions)
            throws IOException, SQLException {
        // Given
        PostgresCluster primary = clusters.primary(Map.of(), initdbOptions);
        Rows.createTable(primary);
        Relay relay = Relays.process(clusters, primary.conninfo() + " application_name=relay");
        PostgresCluster standby = clusters.standbyOf(relay.port(), Map.of());
        standby.start();

        // When
        for (int segment = 0; segment < 4; segment++) {
            Rows.insert(primary, 2000);
            primary.execute("SELECT pg_switch_wal()");
        }
        Rows.insert(primary, 1);

        // Then
        Rows.assertEqual(primary, standby);
        assertThat(standby.query("SELECT conninfo FROM pg_stat_wal_receiver"))
                .hasValueSatisfying(conninfo -> assertThat(conninfo).contains("port=" + relay.port()));
        assertThat(primary.query("SELECT string_agg(application_name, ', ') FROM pg_stat_replication"))
                .as("the walsenders of the primary")
                .hasValue("relay");
        await("the relay's report of what it has flushed")
                .until(() -> primary.query(
                                "SELECT bool_and(flush_lsn = pg_current_wal_flush_lsn()) FROM pg_stat_replication")
                        .equals(Optional.of("t")));
    }
}
