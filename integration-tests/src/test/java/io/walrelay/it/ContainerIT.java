package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Majors;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.ServeProcess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** A primary as its users run it: the official image, in a container that Testcontainers starts. */
class ContainerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void relayFollowsAPrimaryInAContainer() throws Exception {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "no Docker engine answers, so there is no PostgreSQL in a container to follow; install and start one"
                        + " (Debian: apt-get install docker.io), or set DOCKER_HOST");
        // Given
        DockerImageName image = DockerImageName.parse("postgres:17-alpine");
        try (PostgreSQLContainer primary = new PostgreSQLContainer(image);
                Clusters clusters = Clusters.of(Majors.NEWEST)) {
            primary.withUsername("postgres").start();
            // The image lets everybody in with a password, but for replication.
            primary.execInContainer(
                    "sh", "-c", "echo 'host replication all all scram-sha-256' >> \"$PGDATA/pg_hba.conf\"");
            try (Connection connection = primary.createConnection("");
                    Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_reload_conf()");

                // When
                ServeProcess relay = Relays.process(
                        clusters,
                        String.format(
                                Locale.ROOT,
                                "host=%s port=%d user=%s password=%s",
                                primary.getHost(),
                                primary.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                                primary.getUsername(),
                                primary.getPassword()));
                statement.execute("CREATE TABLE t AS SELECT generate_series(1, 10000)");

                // Then
                String end;
                try (ResultSet result = statement.executeQuery("SELECT pg_current_wal_flush_lsn()")) {
                    assertThat(result.next()).isTrue();
                    end = result.getString(1);
                }
                await().atMost(PATIENCE).until(() -> {
                    try (ResultSet result = statement.executeQuery(
                            "SELECT bool_or(flush_lsn >= '" + end + "') FROM pg_stat_replication")) {
                        return result.next() && result.getBoolean(1);
                    }
                });
                try (RawReplicationClient client =
                        RawReplicationClient.connect(relay.port()).logIn()) {
                    List<String> answer = client.answer("SHOW server_version");
                    assertThat(answer).anyMatch(line -> line.startsWith("DataRow '17."));
                }
            }
        }
    }
}
