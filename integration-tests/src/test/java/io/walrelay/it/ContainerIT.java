package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.ContainerImage;
import io.walrelay.it.support.Majors;
import io.walrelay.it.support.RawReplicationClient;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.proxy.embedded.PostgresBinaries;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** A primary in a container: behind a mapped port of another network, with passwords. */
class ContainerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MAJOR = 17;
    private static final int PORT = 5432;
    private static final String PASSWORD = "in the container";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @Test
    void relayFollowsAPrimaryInAContainer() throws Exception {
        assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(),
                "no Docker engine answers, so there is no PostgreSQL in a container to follow; install and start one"
                        + " (Debian: apt-get install docker.io), or set DOCKER_HOST");
        // Given
        ContainerImage image = ContainerImage.of(PostgresBinaries.find(MAJOR), directory.resolve("image"));
        try (GenericContainer<?> primary = primary(image);
                Clusters clusters = Clusters.of(Majors.NEWEST)) {
            primary.start();
            try (Connection connection = connect(primary);
                    Statement statement = connection.createStatement()) {

                // When
                ServeProcess relay = Relays.process(
                        clusters,
                        String.format(
                                Locale.ROOT,
                                "host=%s port=%d user=%s password='%s'",
                                primary.getHost(),
                                primary.getMappedPort(PORT),
                                ContainerImage.USER,
                                PASSWORD));
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
                    assertThat(answer).anyMatch(line -> line.startsWith("DataRow '" + MAJOR + "."));
                }
            }
        }
    }

    private static GenericContainer<?> primary(ContainerImage image) {
        String script = String.join(
                "\n",
                "set -e",
                "printf '%s' '" + PASSWORD + "' >/tmp/password",
                "initdb -D /tmp/data -A scram-sha-256 --pwfile=/tmp/password --no-locale -E UTF8",
                "echo 'host all,replication all all scram-sha-256' >>/tmp/data/pg_hba.conf",
                "exec postgres -D /tmp/data -c 'listen_addresses=*' -c unix_socket_directories=/tmp");
        return new GenericContainer<>(image.image())
                .withExposedPorts(PORT)
                .withEnv("PATH", image.home().resolve("bin").toString())
                .withCreateContainerCmdModifier(
                        command -> command.withUser(ContainerImage.USER).withEntrypoint("/bin/sh", "-c", script))
                .waitingFor(Wait.forLogMessage(".*database system is ready to accept connections.*", 1));
    }

    private static Connection connect(GenericContainer<?> primary) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + primary.getHost() + ":" + primary.getMappedPort(PORT) + "/postgres",
                ContainerImage.USER,
                PASSWORD);
    }
}
