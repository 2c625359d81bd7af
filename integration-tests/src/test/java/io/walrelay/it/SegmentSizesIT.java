package io.walrelay.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.walrelay.it.support.Clusters;
import io.walrelay.it.support.Positions;
import io.walrelay.it.support.Relays;
import io.walrelay.it.support.Rows;
import io.walrelay.it.support.SegmentFiles;
import io.walrelay.it.support.ServeProcess;
import io.walrelay.proxy.embedded.PostgresCluster;
import io.walrelay.replication.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments of the smallest size, and of a large one, whose files are used again for later segments. */
class SegmentSizesIT {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @ParameterizedTest(name = "wal_segment_size {0} MB")
    @ValueSource(ints = {1, 64})
    void filesThatAreUsedAgainHoldWhatThePrimaryHas(int megabytes) throws Exception {
        try (Clusters clusters = Clusters.of(MAJOR)) {
            // Given
            PostgresCluster primary = clusters.primary(
                    Map.of("wal_keep_size", "2GB", "max_wal_size", "4GB"), "--wal-segsize=" + megabytes);
            Rows.createTable(primary);
            ServeProcess relay =
                    Relays.process(clusters, primary.conninfo(), Map.of("wal_keep_size", megabytes + "MB"));
            Path wal = relay.dataDirectory().resolve("pg_wal");

            // When: segments are removed, and their files kept for later ones
            Set<Object> removed = new HashSet<>();
            for (int segment = 0; segment < 5; segment++) {
                fillSegment(primary, relay);
                removed.addAll(files(wal, SegmentSizesIT::isComplete));
            }
            primary.execute("CHECKPOINT");
            await("a file that is kept for later")
                    .atMost(PATIENCE)
                    .until(() -> files(wal, SegmentSizesIT::isSpare).stream().anyMatch(removed::contains));
            removed.retainAll(files(wal, SegmentSizesIT::isSpare));
            await("a segment in a file that another one had")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        fillSegment(primary, relay);
                        return files(wal, SegmentSizesIT::isComplete).stream().anyMatch(removed::contains);
                    });
            Rows.insert(primary, 1000);
            awaitReceived(primary, relay);
            relay.stop();

            // Then
            assertThat(SegmentFiles.assertSame(wal, primary.data().resolve("pg_wal")))
                    .isPositive();
            assertThat(files(wal, SegmentSizesIT::isComplete)).containsAnyElementsOf(removed);
        }
    }

    private static void fillSegment(PostgresCluster primary, ServeProcess relay) throws IOException, SQLException {
        Rows.insert(primary, 2000);
        primary.execute("SELECT pg_switch_wal()");
        awaitReceived(primary, relay);
    }

    private static void awaitReceived(PostgresCluster primary, ServeProcess relay) throws SQLException {
        Lsn end = Positions.of(primary);
        await().atMost(PATIENCE).until(() -> !Positions.of(relay).isBefore(end));
    }

    private static boolean isComplete(String name) {
        return name.matches("[0-9A-F]{24}");
    }

    private static boolean isSpare(String name) {
        return name.startsWith("xlogtemp.spare.");
    }

    private interface Kind {
        boolean includes(String name);
    }

    /** The files of a kind, whatever their names. */
    private static Set<Object> files(Path directory, Kind kind) throws IOException {
        Set<Object> found = new HashSet<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (kind.includes(String.valueOf(file.getFileName()))) {
                    identity(file).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private static Optional<Object> identity(Path file) throws IOException {
        try {
            return Optional.ofNullable(
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException renamed) {
            return Optional.empty();
        }
    }
}
