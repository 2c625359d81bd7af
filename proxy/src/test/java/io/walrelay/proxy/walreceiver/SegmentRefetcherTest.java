package io.walrelay.proxy.walreceiver;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.awaitFlushed;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.ScriptedUpstream;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.wal.DiskGuard;
import io.walrelay.proxy.wal.WalIntegrity;
import io.walrelay.proxy.wal.WalIntegrity.Verdict;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SegmentRefetcherTest {
    private static final int MAJOR = 15;
    private static final String OTHER_SYSTEM = "7000000000000000001";

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final ScriptedUpstream upstream = new ScriptedUpstream(MAJOR);
    private final MultiThreadIoEventLoopGroup loop = Transport.NIO.eventLoops(1, "refetch");
    private final WalBuilder wal = SampleCluster.wal();
    private final WalFileName damaged = new WalFileName(FIRST, WalBuilder.SEGMENT.segmentNumber(START) + 1);
    private final Lsn start = START.plus(SEGMENT);

    @SuppressWarnings("NullAway.Init") // before each test
    private Cluster cluster;

    @SuppressWarnings("NullAway.Init") // before each test
    private SegmentRefetcher refetcher;

    @BeforeEach
    void damageAndStart() throws Exception {
        for (int i = 0; i < 32; i++) {
            wal.record(100_000);
        }
        cluster = new Cluster(
                storage, directory, true, () -> DiskGuard.Limits.NONE, SampleCluster.flusher(), failure -> {});
        cluster.found(SampleCluster.control(FIRST), SampleCluster.server(MAJOR), TimelineHistory.first(), START);
        receive(store(), wal.bytes());
        awaitFlushed(store(), wal.lsn());
        cluster.close();
        byte[] bytes = Files.readAllBytes(file());
        bytes[SEGMENT / 2] ^= 1;
        Files.write(file(), bytes);
        cluster = new Cluster(
                storage, directory, true, () -> DiskGuard.Limits.NONE, SampleCluster.flusher(), failure -> {});
        cluster.recover();
        Configuration configuration = SampleCluster.configuration(
                "primary_conninfo=" + upstream.conninfo(), "wal_retrieve_retry_interval=20ms");
        refetcher = new SegmentRefetcher(
                loop.next(),
                new UpstreamConnector(Transport.NIO),
                () -> configuration,
                cluster,
                () -> 0,
                Clock.systemUTC());
        refetcher.start();
        assertThat(integrity().ask(damaged)).isInstanceOf(Verdict.Damaged.class);
    }

    @AfterEach
    void stop() {
        storage.repair();
        refetcher.stop().join();
        cluster.close();
        upstream.close();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private WalStore store() {
        return cluster.known().orElseThrow().wal();
    }

    private WalIntegrity integrity() {
        return store().integrity();
    }

    private Path file() {
        return directory.resolve("pg_wal").resolve(damaged.format(WalBuilder.SEGMENT));
    }

    private byte[] good() {
        return Arrays.copyOfRange(wal.bytes(), SEGMENT, 2 * SEGMENT);
    }

    private ScriptedUpstream.Connection asked() throws Exception {
        return upstream.accept().identify(1, wal.lsn()).expectQuery("START_REPLICATION " + start + " TIMELINE 1");
    }

    private Verdict await(Predicate<Verdict> wanted) throws Exception {
        CompletableFuture<Verdict> seen = new CompletableFuture<>();
        Runnable look = () -> {
            Verdict now = integrity().ask(damaged);
            if (wanted.test(now)) {
                seen.complete(now);
            }
        };
        integrity().onChange(look);
        look.run();
        return seen.get(20, TimeUnit.SECONDS);
    }

    private Optional<String> failure() throws Exception {
        Verdict verdict = await(
                now -> now instanceof Verdict.Damaged it && it.refetchFailed().isPresent());
        return ((Verdict.Damaged) verdict).refetchFailed();
    }

    @Test
    void aDamagedSegmentIsFetchedOverAConnectionOfItsOwnWithoutAnythingBeingReported() throws Exception {
        // Given
        ScriptedUpstream.Connection connection = asked().beginCopy();
        connection.keepalive(wal.lsn(), true);
        assertThat(connection.expectStatus(status -> true).write()).isEqualTo(Lsn.INVALID);

        // When: more comes than was asked for
        connection.wal(start, Arrays.copyOf(good(), 300_000));
        connection.wal(start.plus(300_000), Arrays.copyOfRange(wal.bytes(), SEGMENT + 300_000, 2 * SEGMENT + 5000));

        // Then
        await(Verdict.Sound.class::isInstance);
        assertThat(Files.readAllBytes(file())).isEqualTo(good());
        connection.expectEnd();
        assertThat(connection.startup().parameters()).containsEntry("application_name", "walrelay refetch");
    }

    @Test
    void itIsTriedAgainWhenTheUpstreamDoesNotHaveIt() throws Exception {
        // Given
        asked().respondError(
                        PgException.error(SqlState.UNDEFINED_FILE, "requested WAL segment has already been removed"));

        // When, Then
        assertThat(failure()).contains("requested WAL segment has already been removed");
        asked().beginCopy().wal(start, good());
        await(Verdict.Sound.class::isInstance);
    }

    @Test
    void aConnectionThatIsLostInTheMidstOfItLeavesNothing() throws Exception {
        // Given
        ScriptedUpstream.Connection connection = asked().beginCopy();
        connection.wal(start, Arrays.copyOf(good(), 300_000));

        // When
        connection.close();

        // Then
        assertThat(failure()).contains("server closed the connection unexpectedly");
        assertThat(storage.list(directory.resolve("pg_wal"))).noneMatch(name -> name.startsWith("xlogtemp"));
        asked().beginCopy().wal(start, good());
        await(Verdict.Sound.class::isInstance);
    }

    @Test
    void walThatIsDamagedAtTheUpstreamTooTakesNoGoodOnesPlace() throws Exception {
        // Given
        byte[] bad = good();
        bad[700_000] ^= 1;

        // When
        asked().beginCopy().wal(start, bad);

        // Then
        assertThat(failure().orElseThrow())
                .startsWith("invalid WAL received from upstream server: incorrect resource manager data checksum");
        asked().beginCopy().wal(start, good());
        await(Verdict.Sound.class::isInstance);
    }

    @Test
    void nothingIsFetchedFromAnotherCluster() throws Exception {
        // When
        upstream.accept().identify(OTHER_SYSTEM, 1, wal.lsn()).expectEnd();

        // Then
        assertThat(failure()).contains("database system identifier differs between the primary and standby");
    }

    @Test
    void aDiskThatTakesNoMoreIsTriedAgain() throws Exception {
        // Given
        storage.fail("write xlogtemp");

        // When
        asked().beginCopy().wal(start, good());

        // Then
        assertThat(failure().orElseThrow()).contains("No space left on device");
        storage.repair();
        asked().beginCopy().wal(start, good());
        await(Verdict.Sound.class::isInstance);
    }
}
