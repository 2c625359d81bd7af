package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.ClientTools;
import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Forwarder;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.PrimaryTest;
import io.walrelay.it.support.Relay;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.it.support.WalDirectory;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A relay behind a relay, which asks it to compress WAL: primary, near, far. */
class CompressedLinkIT extends PrimaryTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Map<String, String> SETTINGS =
            Map.of("wal_keep_size", "1GB", "bgwriter_delay", "10s", "checkpoint_timeout", "1h");
    private static final Map<String, String> COMPRESSED = Map.of("wal_receiver_compression", "zstd");
    private static final String AGREED = ", compressed";

    @BeforeEach
    void start() throws IOException, SQLException {
        startPrimary(MAJOR, SETTINGS, "--wal-segsize=1");
    }

    @Test
    void theFarRelayReceivesTheSameWalInAFractionOfTheBytes() throws Exception {
        // Given
        ServeProcess near = Relays.process(clusters, primary.conninfo());
        Forwarder link = clusters.closing(new Forwarder(near.port()));
        ServeProcess far = Relays.process(clusters, link.conninfo(), COMPRESSED);
        PostgresCluster standby = standbyOf(far);
        long before = link.passed();
        Lsn from = Positions.of(primary);

        // When
        for (int i = 0; i < 20; i++) {
            Rows.insert(primary, 500);
        }

        // Then
        Rows.assertEqual(primary, standby);
        assertSameWal(primary, near, far);
        assertThat(far.log()).contains(AGREED);
        assertThat((link.passed() - before) * 4)
                .isLessThan(Positions.of(primary).minus(from));
        assertThat(ask(
                        near,
                        "SELECT method, level, ratio > 4, zstd_time > 0 FROM walrelay.compression"
                                + " WHERE backend_type = 'walsender'"))
                .isEqualTo("zstd 1 t t");
        assertThat(ask(
                        far,
                        "SELECT method, level, ratio > 4, zstd_time > 0 FROM walrelay.compression"
                                + " WHERE backend_type = 'walreceiver'"))
                .isEqualTo("zstd null t t");
    }

    @ParameterizedTest(name = "PostgreSQL {0}")
    @MethodSource("io.walrelay.it.support.Majors#all")
    void aPostgresqlServerIsAskedAndSendsPlainly(int major) throws Exception {
        try (Clusters own = Clusters.of(major)) {
            // Given
            PostgresCluster server = own.primary(Map.of());
            Rows.createTable(server);

            // When
            ServeProcess relay = Relays.process(own, server.conninfo(), COMPRESSED);
            PostgresCluster standby = own.standbyOf(relay.port(), Map.of());
            standby.start();
            Rows.insert(server, 1000);

            // Then
            Rows.assertEqual(server, standby);
            assertThat(relay.log()).contains("started streaming WAL").doesNotContain(AGREED, "connecting without");
        }
    }

    @Test
    void aRelayThatDoesNotAllowItSendsPlainly() throws Exception {
        // Given
        ServeProcess near = Relays.process(clusters, primary.conninfo(), Map.of("wal_sender_compression", "off"));
        ServeProcess far = Relays.process(clusters, near.conninfo(), COMPRESSED);

        // When
        Rows.insert(primary, 5000);

        // Then
        assertSameWal(primary, near, far);
        assertThat(far.log()).doesNotContain(AGREED);
        assertThat(ask(near, "SELECT count(*) FROM walrelay.compression")).isEqualTo("0");
    }

    @Test
    void aPromotionUpstreamIsFollowedThroughTheCompressedLink() throws Exception {
        // Given
        PostgresCluster candidate = standbyOf(primary.port());
        ServeProcess near = Relays.process(
                clusters,
                "host=127.0.0.1,127.0.0.1 port=" + primary.port() + "," + candidate.port() + " user=postgres");
        ServeProcess far = Relays.process(clusters, near.conninfo(), COMPRESSED);
        PostgresCluster standby = standbyOf(far);
        Rows.insert(primary, 3000);
        Rows.awaitReplayed(primary, candidate);
        Rows.awaitReplayed(primary, standby);

        // When
        primary.kill();
        candidate.promote();
        Rows.insert(candidate, 3000);

        // Then
        Rows.assertEqual(candidate, standby);
        assertSameWal(candidate, near, far);
        assertThat(far.log())
                .contains("End of WAL reached on timeline 1", AGREED)
                .doesNotContain("unexpected end", "invalid");
    }

    @Test
    void eitherRelayMayBeKilledAndStartedAnewUnderLoad() throws Exception {
        // Given
        ServeProcess near = Relays.process(clusters, primary.conninfo());
        ServeProcess far = Relays.process(clusters, near.conninfo(), COMPRESSED);
        PostgresCluster standby = standbyOf(far);

        // When
        for (int i = 0; i < 3; i++) {
            Rows.insert(primary, 2000);
            near.kill();
            Rows.insert(primary, 2000);
            near.start();
            Rows.insert(primary, 2000);
            far.kill();
            Rows.insert(primary, 2000);
            far.start();
        }

        // Then
        Rows.assertEqual(primary, standby);
        assertSameWal(primary, near, far);
    }

    @Test
    void aStreamThatWasDamagedOnItsWayIsGivenUpAndAskedForAgain() throws Exception {
        // Given
        ServeProcess near = Relays.process(clusters, primary.conninfo());
        Forwarder link = clusters.closing(new Forwarder(near.port()));
        ServeProcess far = Relays.process(clusters, link.conninfo(), COMPRESSED);
        PostgresCluster standby = standbyOf(far);
        Rows.insert(primary, 1000);
        Rows.awaitReplayed(primary, standby);

        // When
        link.damageNext(2000);
        await().atMost(PATIENCE).until(() -> {
            Rows.insert(primary, 2000);
            return link.hasDamagedNext();
        });
        Rows.insert(primary, 2000);

        // Then
        Rows.assertEqual(primary, standby);
        assertSameWal(primary, near, far);
        assertThat(far.log()).contains("could not receive data from WAL stream: ");
    }

    @Test
    void theSettingIsFollowedWithoutARestart() throws Exception {
        // Given
        ServeProcess near = Relays.process(clusters, primary.conninfo());
        ServeProcess far = Relays.process(clusters, near.conninfo());
        Rows.insert(primary, 3000);
        assertSameWal(primary, near, far);
        assertThat(far.log()).doesNotContain(AGREED);

        // When
        far.configure("wal_receiver_compression", "zstd")
                .configure("wal_receiver_compression_level", "7")
                .reload();
        await().atMost(PATIENCE).until(() -> far.log().contains(AGREED));
        Rows.insert(primary, 3000);

        // Then
        assertSameWal(primary, near, far);
        assertThat(ask(near, "SELECT level FROM walrelay.compression")).isEqualTo("7");
    }

    @Test
    void pgReceivewalReceivesTheSameWalThroughBoth() throws Exception {
        // Given
        ClientTools tools = ClientTools.require(MAJOR);
        ServeProcess near = Relays.process(clusters, primary.conninfo());
        ServeProcess far = Relays.process(clusters, near.conninfo(), COMPRESSED);
        WalDirectory directory = new WalDirectory(clusters.newDirectory("received"));
        Process receiver = tools.receiveWal(far.port(), directory);

        // When
        await().atMost(PATIENCE).until(() -> {
            Rows.insert(primary, 2000);
            return SegmentFiles.names(directory.path()).size() > 3;
        });

        // Then
        ClientTools.interrupt(receiver);
        assertThat(receiver.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(SegmentFiles.assertSame(directory.path(), wal(primary))).isGreaterThan(3);
    }

    private PostgresCluster standbyOf(Relay relay) throws IOException {
        return standbyOf(relay.port());
    }

    private PostgresCluster standbyOf(int port) throws IOException {
        PostgresCluster standby = clusters.standbyOf(port, SETTINGS);
        standby.start();
        return standby;
    }

    private static void assertSameWal(PostgresCluster origin, ServeProcess near, ServeProcess far) throws Exception {
        Lsn end = Positions.of(origin);
        await("WAL up to " + end + " at the far relay")
                .atMost(PATIENCE)
                .until(() -> !Positions.of(far).isBefore(end));
        assertThat(SegmentFiles.assertSame(wal(near), wal(origin))).isPositive();
        assertThat(SegmentFiles.assertSame(wal(far), wal(origin))).isPositive();
    }

    private static Path wal(PostgresCluster server) {
        return server.data().resolve("pg_wal");
    }

    private static Path wal(ServeProcess relay) {
        return relay.dataDirectory().resolve("pg_wal");
    }

    /** The one row that a relay's console answers, its values separated by blanks. */
    private static String ask(Relay relay, String query) throws SQLException {
        try (Connection console = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + relay.port() + "/postgres?user=postgres");
                Statement statement = console.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            StringBuilder row = new StringBuilder();
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                row.append(i == 1 ? "" : " ").append(rows.getString(i));
            }
            assertThat(rows.next()).isFalse();
            return row.toString();
        }
    }
}
