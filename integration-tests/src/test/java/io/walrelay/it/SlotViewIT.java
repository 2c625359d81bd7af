package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ConsoleConnection;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * pg_replication_slots of the relay and of a primary, each with a standby that sends hot standby feedback through a
 * slot.
 */
class SlotViewIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What is each server's own: only whether it is there is compared. */
    private static final Set<String> OWN = Set.of("active_pid", "restart_lsn", "inactive_since");

    @ParameterizedTest(name = "PostgreSQL {0}")
    @ValueSource(ints = {10, 15, 17, 18})
    void aSlotIsShownAsAPrimaryShowsIt(int major) throws Exception {
        try (Clusters clusters = Clusters.of(major)) {
            // Given
            PostgresCluster primary = clusters.primary(Map.of("autovacuum", "off"));
            Rows.createTable(primary);
            int relay = Relays.inProcess(clusters, primary.conninfo(), Map.of("admin_users", "postgres"))
                    .port();
            try (ConsoleConnection server = ConsoleConnection.to(primary.port());
                    ConsoleConnection console = ConsoleConnection.to(relay)) {
                server.ask("SELECT pg_create_physical_replication_slot('s')");
                console.ask("SELECT pg_create_physical_replication_slot('s')");
                assertThat(slot(console)).isEqualTo(slot(server));

                // When
                PostgresCluster ofPrimary = standby(clusters, primary.port());
                PostgresCluster ofRelay = standby(clusters, relay);

                // Then
                await("the same feedback").atMost(PATIENCE).untilAsserted(() -> {
                    assertThat(slot(server)).containsEntry("active", "t").doesNotContainEntry("xmin", "null");
                    assertThat(slot(console)).isEqualTo(slot(server));
                });

                // When
                ofPrimary.stop(PostgresCluster.StopMode.FAST);
                ofRelay.stop(PostgresCluster.StopMode.FAST);

                // Then
                await("the end of its use").atMost(PATIENCE).untilAsserted(() -> {
                    assertThat(slot(server)).containsEntry("active", "f");
                    assertThat(slot(console)).isEqualTo(slot(server));
                });
                if (major >= 17) {
                    assertThat(console.ask("SELECT inactive_since BETWEEN now() - interval '1 minute' AND now()"
                                    + " FROM pg_replication_slots"))
                            .isEqualTo("t");
                }
            }
        }
    }

    private static PostgresCluster standby(Clusters clusters, int port) throws IOException, SQLException {
        PostgresCluster standby =
                clusters.standbyOf(port, Map.of("hot_standby_feedback", "on", "wal_receiver_status_interval", "1s"));
        standby.follow("host=127.0.0.1 port=" + port + " user=postgres application_name=standby1", "s");
        standby.start();
        return standby;
    }

    private static Map<String, String> slot(ConsoleConnection connection) throws SQLException {
        Map<String, String> columns = new TreeMap<>();
        try (Statement statement = connection.jdbc().createStatement();
                ResultSet row = statement.executeQuery("SELECT * FROM pg_replication_slots WHERE slot_name = 's'")) {
            assertThat(row.next()).isTrue();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                String name = row.getMetaData().getColumnName(i);
                String value = String.valueOf(row.getString(i));
                columns.put(name, OWN.contains(name) && !value.equals("null") ? "its own" : value);
            }
        }
        return columns;
    }
}
