package io.walrelay.proxy.walreceiver;

import static io.walrelay.proxy.fixture.SampleCluster.START;
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
import io.walrelay.replication.Lsn;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.message.BackendMessage;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receiving is paused and resumed, whatever the walreceiver is doing. */
final class WalReceiverPauseTest {
    private static final int MAJOR = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final ScriptedUpstream upstream = new ScriptedUpstream(MAJOR);
    private final MultiThreadIoEventLoopGroup loop = Transport.NIO.eventLoops(1, "upstream");
    private final WalBuilder wal = SampleCluster.wal();
    private Cluster cluster = new Cluster(
            storage, Path.of(""), true, () -> DiskGuard.Limits.NONE, SampleCluster.flusher(), failure -> {});
    private WalReceiver receiver = receiver(SampleCluster.configuration());

    private WalReceiver receiver(Configuration configuration) {
        return new WalReceiver(
                loop.next(),
                new UpstreamConnector(Transport.NIO),
                () -> configuration,
                cluster,
                StandbySource.OWN,
                () -> {},
                Clock.systemUTC());
    }

    @BeforeEach
    void open() throws Exception {
        cluster = new Cluster(SampleCluster.opener(storage, directory, true), () -> DiskGuard.Limits.NONE);
        cluster.recover();
        receiver = receiver(SampleCluster.configuration(
                "primary_conninfo=" + upstream.conninfo(), "wal_retrieve_retry_interval=20ms"));
        receiver.start();
    }

    @AfterEach
    void stop() {
        storage.repair();
        receiver.stop(cluster::close).join();
        upstream.close();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private ScriptedUpstream.Connection startStreaming() throws Exception {
        return upstream.accept().beginStream(MAJOR);
    }

    private void awaitState(String title) {
        awaitThat(() -> receiver.state().title().equals(title));
    }

    /** Lets the upstream loop do one thing after the other until it has come to that. */
    private void awaitThat(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            loop.next().submit(() -> {}).syncUninterruptibly();
        }
    }

    private static BackendMessage[] endOfStream() {
        return new BackendMessage[] {
            new BackendMessage.CopyDone(),
            new BackendMessage.CommandComplete("START_REPLICATION"),
            BackendMessage.ReadyForQuery.IDLE
        };
    }

    @Test
    void whatCameBeforeThePauseIsFlushedAndAcknowledgedBeforeTheStreamIsEnded() throws Exception {
        // Given
        CountDownLatch goOn = new CountDownLatch(1);
        wal.record(3000);
        ScriptedUpstream.Connection connection = startStreaming();
        storage.hold("sync 0000", goOn);
        connection.wal(START, wal.bytes());
        connection.expectStatus(status -> status.write().equals(wal.lsn()));

        // When
        assertThat(receiver.pause().join()).isTrue();

        // Then
        assertThat(receiver.state().title()).isEqualTo("pausing");
        goOn.countDown();
        assertThat(connection
                        .expectStatus(status -> status.flush().equals(wal.lsn()))
                        .apply())
                .isEqualTo(Lsn.INVALID);
        connection.expectCopyDone().respond(endOfStream());
        awaitState("paused");
        assertThat(receiver.status().orElseThrow().status()).isEqualTo("paused");
        assertThat(receiver.pause().join()).isFalse();
    }

    @Test
    void whatComesBehindThePauseIsNotTakenAndComesAgainAfterIt() throws Exception {
        // Given
        wal.record(3000);
        Lsn before = wal.lsn();
        wal.record(500);
        ScriptedUpstream.Connection connection = startStreaming();
        byte[] first = java.util.Arrays.copyOf(wal.bytes(), (int) before.minus(START));
        connection.wal(START, first);
        connection.expectStatus(status -> status.flush().equals(before));
        assertThat(receiver.pause().join()).isTrue();
        connection.expectCopyDone();
        byte[] rest = java.util.Arrays.copyOfRange(wal.bytes(), first.length, wal.bytes().length);
        connection.wal(before, rest).respond(endOfStream());
        awaitState("paused");
        assertThat(cluster.known().orElseThrow().wal().end().written()).isEqualTo(before);

        // When
        assertThat(receiver.resume().join()).isTrue();

        // Then: on the same connection, at once
        connection.identify(1, wal.lsn()).expectStart(START, 1).beginCopy().wal(START, wal.bytes());
        connection.expectStatus(status -> status.flush().equals(wal.lsn()));
        assertThat(receiver.resume().join()).isFalse();
    }

    @Test
    void aPauseHoldsWhileTheUpstreamIsAwayAndEndsWithANewConnection() throws Exception {
        // Given
        ScriptedUpstream.Connection connection = startStreaming();
        connection.expectStatus(status -> true);
        assertThat(receiver.pause().join()).isTrue();
        connection.expectCopyDone().respond(endOfStream());
        awaitState("paused");

        // When
        connection.close();

        // Then
        awaitThat(() -> receiver.status().isEmpty());
        receiver.reconnect();
        assertThat(receiver.pause().join()).isFalse();
        assertThat(receiver.state().title()).isEqualTo("paused");
        assertThat(upstream.isAsked()).isFalse();
        receiver.resume().join();
        upstream.accept().identify(1, START.plus(100)).describe(MAJOR);
    }

    @Test
    void aReceiverThatIsNotConnectedYetDoesNotStreamWhenItIsPaused() throws Exception {
        // Given
        ScriptedUpstream.Connection connection = upstream.accept().expectQuery("IDENTIFY_SYSTEM");

        // When
        assertThat(receiver.pause().join()).isTrue();

        // Then: the command that was under way is not waited for
        connection.expectEnd();
        assertThat(receiver.state().title()).isEqualTo("paused");
        assertThat(receiver.resume().join()).isTrue();
        startStreaming().expectStatus(status -> true);
    }
}
