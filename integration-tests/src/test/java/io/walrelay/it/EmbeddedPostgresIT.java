package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.proxy.embedded.PostgresCluster;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ground that the other tests stand on: servers that start, follow, die and are promoted, without any relay. */
class EmbeddedPostgresIT {
    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("io.walrelay.it.support.Majors#all")
    void standbyFromABaseBackupFollowsAndCanBePromoted(int major) throws Exception {
        // Given
        try (Clusters clusters = Clusters.of(major)) {
            PostgresCluster primary = clusters.primary(Map.of());
            primary.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
            PostgresCluster standby = clusters.standbyOf(primary.port(), Map.of());
            standby.start();
            primary.execute("INSERT INTO t SELECT generate_series(1001, 2000)");
            await().until(() -> standby.query("SELECT count(*) FROM t").equals(Optional.of("2000")));
            primary.kill();
            primary.start();
            primary.execute("INSERT INTO t VALUES (2001)");
            await().until(() -> standby.query("SELECT count(*) FROM t").equals(Optional.of("2001")));

            // When
            primary.stop(PostgresCluster.StopMode.FAST);
            standby.promote();

            // Then
            assertThat(standby.query("SELECT pg_is_in_recovery()")).hasValue("f");
            standby.execute("INSERT INTO t VALUES (2002)");
        }
    }
}
