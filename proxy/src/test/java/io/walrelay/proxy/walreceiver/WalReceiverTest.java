package io.walrelay.proxy.walreceiver;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
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
import io.walrelay.proxy.wal.WalEnd;
import io.walrelay.proxy.wal.WalOpener;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.copyboth.StandbyMessage.HotStandbyFeedback;
import io.walrelay.replication.copyboth.StandbyMessage.StatusUpdate;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.replication.wal.WalBuilder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WalReceiverTest {
    private static final int MAJOR = 15;

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final ScriptedUpstream upstream = new ScriptedUpstream(MAJOR);
    private final MultiThreadIoEventLoopGroup loop = Transport.NIO.eventLoops(1, "upstream");
    private final List<WalReceiver> started = new ArrayList<>();
    private final WalBuilder wal = SampleCluster.wal();
    private StandbySource source = StandbySource.OWN;
    private Duration briefFlush = Duration.ZERO;
    private volatile Lsn applied = Lsn.INVALID;
    private volatile StandbyXmins needed = StandbyXmins.NONE;
    private Cluster cluster = new Cluster(
            storage, Path.of(""), true, () -> DiskGuard.Limits.NONE, SampleCluster.flusher(), failure -> {});

    @AfterEach
    void stop() {
        storage.repair();
        started.forEach(receiver -> receiver.stop(cluster::close).join());
        upstream.close();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private WalOpener opener() {
        return new WalOpener(
                storage, directory, true, SampleCluster.flusher(), failure -> {}, System::nanoTime, briefFlush);
    }

    private WalReceiver start(String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("primary_conninfo=" + upstream.conninfo());
        all.add("wal_retrieve_retry_interval=20ms");
        Configuration configuration = SampleCluster.configuration(all.toArray(String[]::new));
        cluster = new Cluster(opener(), () -> DiskGuard.Limits.NONE);
        cluster.recover();
        WalReceiver receiver = new WalReceiver(
                loop.next(),
                new UpstreamConnector(Transport.NIO),
                () -> configuration,
                cluster,
                source,
                () -> {},
                Clock.systemUTC());
        started.add(receiver);
        receiver.start();
        return receiver;
    }

    private WalEnd end() {
        return cluster.known().orElseThrow().wal().end();
    }

    /** Logs in, founds the cluster, and begins to stream at its start. */
    private ScriptedUpstream.Connection streaming(String... settings) throws Exception {
        start(settings);
        return upstream.accept().beginStream(MAJOR);
    }

    private byte[] part(Lsn from, Lsn to) {
        return Arrays.copyOfRange(wal.bytes(), (int) from.minus(START), (int) to.minus(START));
    }

    @Test
    void receivingBeginsAtTheStartOfTheUpstreamsCurrentSegment() throws Exception {
        // Given
        WalReceiver receiver = start("cluster_name=relay1");
        ScriptedUpstream.Connection connection = upstream.accept();

        // When
        connection
                .identify(1, START.plus(77_777))
                .describe(MAJOR)
                .identify(1, START.plus(77_777))
                .expectStart(START, 1)
                .beginCopy();

        // Then
        StatusUpdate first = connection.expectStatus(status -> true);
        assertThat(first.write()).isEqualTo(START);
        assertThat(first.apply()).isEqualTo(Lsn.INVALID);
        assertThat(receiver.state().title()).isEqualTo("streaming");
        assertThat(connection.startup().parameters())
                .containsEntry("replication", "true")
                .containsEntry("application_name", "relay1")
                .containsEntry("user", "replicator");
    }

    @Test
    void aSlotIsCreatedWithWalReservedAndReceivingBeginsWhereItHoldsWal() throws Exception {
        // Given
        start("primary_slot_name=relay");

        // When, Then
        upstream.accept()
                .identify(1, START.plus(5L * SEGMENT))
                .describe(MAJOR)
                .expectQuery("READ_REPLICATION_SLOT \"relay\"")
                .respondRow(null, null, null)
                .expectQuery("CREATE_REPLICATION_SLOT \"relay\" PHYSICAL RESERVE_WAL")
                .respondRow("relay", "0/0", null, null)
                .expectQuery("READ_REPLICATION_SLOT \"relay\"")
                .respondRow("physical", START.plus(500).toString(), "1")
                .identify(1, START.plus(5L * SEGMENT))
                .expectQuery("START_REPLICATION SLOT \"relay\" " + START + " TIMELINE 1");
    }

    @Test
    void anExistingSlotIsUsed() throws Exception {
        // Given
        start("primary_slot_name=relay");

        // When, Then
        upstream.accept()
                .identify(1, START.plus(5L * SEGMENT))
                .describe(MAJOR)
                .expectQuery("READ_REPLICATION_SLOT \"relay\"")
                .respondRow("physical", START.plus(3L * SEGMENT + 9).toString(), "1")
                .identify(1, START.plus(5L * SEGMENT))
                .expectQuery("START_REPLICATION SLOT \"relay\" " + START.plus(3L * SEGMENT) + " TIMELINE 1");
    }

    @Test
    void flushIsReportedOnlyAfterFsyncAndApplyNever() throws Exception {
        // Given
        CountDownLatch goOn = new CountDownLatch(1);
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        storage.hold("sync 0000", goOn);

        // When
        connection.wal(START, wal.bytes());

        // Then
        StatusUpdate written = connection.expectStatus(status -> status.write().equals(wal.lsn()));
        assertThat(written.flush()).isEqualTo(START);
        connection.keepalive(wal.lsn(), true);
        assertThat(connection.expectStatus(status -> true).flush()).isEqualTo(START);
        goOn.countDown();
        StatusUpdate flushed = connection.expectStatus(status -> status.flush().equals(wal.lsn()));
        assertThat(flushed.apply()).isEqualTo(Lsn.INVALID);
        assertThat(flushed.replyRequested()).isFalse();
    }

    @Test
    void whatIsFlushedAtOnceIsReportedAsWrittenAndFlushedInOneMessage() throws Exception {
        // Given
        briefFlush = Duration.ofMinutes(1);
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, wal.bytes());
        connection.expectStatus(status -> status.flush().equals(wal.lsn()));
        Lsn begin = wal.lsn();
        int length = wal.bytes().length;
        wal.record(3000);

        // When
        connection.wal(begin, Arrays.copyOfRange(wal.bytes(), length, wal.bytes().length));

        // Then
        StatusUpdate first = connection.expectStatus(status -> status.write().isAfter(begin));
        assertThat(first.write()).isEqualTo(wal.lsn());
        assertThat(first.flush()).isEqualTo(wal.lsn());
    }

    private StandbySource flushedAndApplied(Lsn flushed) {
        return new StandbySource(
                store -> reader -> reader.positions(store.end().writtenValue(), flushed.value(), applied.value()),
                () -> StandbyXmins.NONE);
    }

    @Test
    void thePositionsThatAreGivenAreReportedWhenTheyAreSaidToHaveMoved() throws Exception {
        // Given
        source = flushedAndApplied(START.plus(8));
        ScriptedUpstream.Connection connection = streaming();
        StatusUpdate first = connection.expectStatus(status -> true);

        // When
        applied = START.plus(4);
        started.getFirst().positionsMoved();

        // Then
        assertThat(first.apply()).isEqualTo(Lsn.INVALID);
        StatusUpdate second = connection.expectStatus(status -> true);
        assertThat(second.apply()).isEqualTo(START.plus(4));
        assertThat(second.flush()).isEqualTo(START.plus(8));
    }

    @Test
    void whatTheUpstreamSentBeforeItWentIsTakenThoughItTakesNoMoreReports() throws Exception {
        // Given
        source = flushedAndApplied(START);
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        connection.expectStatus(status -> true);
        CountDownLatch goOn = new CountDownLatch(1);
        loop.next().execute(() -> awaitUninterruptibly(goOn));

        // When a report fails before anything is read
        connection.wal(START, wal.bytes()).reset();
        applied = START.plus(4);
        started.getFirst().positionsMoved();
        goOn.countDown();

        // Then
        upstream.accept();
        assertThat(end().written()).isEqualTo(wal.lsn());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theUpstreamIsToldOnceThatNothingIsNeededAndThenWhatIs() throws Exception {
        // Given
        source = new StandbySource(ReportedPositions::of, () -> needed);
        ScriptedUpstream.Connection connection = streaming("wal_receiver_status_interval=1s");
        HotStandbyFeedback first = connection.expectFeedback();

        // When
        needed = new StandbyXmins((3L << 32) + 4_000_000_000L, 2L << 32 | 7);

        // Then
        assertThat(first.xmin()).isZero();
        assertThat(first.catalogXmin()).isZero();
        HotStandbyFeedback second = connection.expectFeedback();
        assertThat(second.xmin()).isEqualTo((int) 4_000_000_000L);
        assertThat(second.xminEpoch()).isEqualTo(3);
        assertThat(second.catalogXmin()).isEqualTo(7);
        assertThat(second.catalogXminEpoch()).isEqualTo(2);
        needed = StandbyXmins.NONE;
        HotStandbyFeedback last = connection.expectFeedback();
        assertThat(last.xmin()).isZero();
        assertThat(last.xminEpoch()).isZero();
    }

    @Test
    void theStatusShowsWhatIsStreamedAndWhatTheUpstreamHasSaid() throws Exception {
        // Given
        wal.record(3000);
        WalReceiver receiver = start("primary_slot_name=relay");
        Optional<WalReceiverStatus> before = receiver.status();
        ScriptedUpstream.Connection connection = upstream.accept()
                .identify(1, START)
                .describe(MAJOR)
                .expectQuery("READ_REPLICATION_SLOT \"relay\"")
                .respondRow("physical", START.toString(), "1")
                .identify(1, START)
                .expectQuery("START_REPLICATION SLOT \"relay\" " + START + " TIMELINE 1")
                .beginCopy();

        // When
        connection.wal(START, wal.bytes());
        connection.expectStatus(status -> status.flush().equals(wal.lsn()));
        connection.keepalive(wal.lsn().plus(80), true);
        connection.expectStatus(status -> true);
        connection.keepalive(wal.lsn().plus(80), true);
        connection.expectStatus(status -> true);

        // Then
        assertThat(before).isEmpty();
        WalReceiverStatus status = receiver.status().orElseThrow();
        assertThat(status.status()).isEqualTo("streaming");
        assertThat(status.receiveStartLsn()).isEqualTo(START);
        assertThat(status.receiveStartTli()).contains(FIRST);
        assertThat(status.writtenLsn()).isEqualTo(wal.lsn());
        assertThat(status.flushedLsn()).isEqualTo(wal.lsn());
        assertThat(status.receivedTli()).isEqualTo(FIRST);
        assertThat(status.latestEndLsn()).isEqualTo(wal.lsn().plus(80));
        assertThat(status.lastMsgReceiptTime()).isPositive();
        assertThat(status.slotName()).contains("relay");
        assertThat(status.senderHost()).isEqualTo("127.0.0.1");
        assertThat(status.conninfo()).contains("user=replicator");
    }

    @Test
    void theEndOfWalInAKeepaliveIsNotTakenForReceivedWal() throws Exception {
        // Given
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, wal.bytes());
        connection.expectStatus(status -> status.flush().equals(wal.lsn()));

        // When
        connection.keepalive(START.plus(10_000_000), true);

        // Then
        StatusUpdate reply = connection.expectStatus(status -> true);
        assertThat(reply.write()).isEqualTo(wal.lsn());
        assertThat(reply.flush()).isEqualTo(wal.lsn());
        assertThat(end().written()).isEqualTo(wal.lsn());
    }

    @Test
    void aGapInTheStreamIsRefusedAndReceivingBeginsAgainWhereItEnded() throws Exception {
        // Given
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, wal.bytes());

        // When
        connection.wal(wal.lsn().plus(8), new byte[8]);

        // Then
        connection.expectEnd();
        upstream.accept()
                .identify(1, wal.lsn())
                .describe(MAJOR)
                .identify(1, wal.lsn())
                .expectStart(START, 1);
    }

    @Test
    void invalidWalIsRequestedAgainFromTheLastValidRecord() throws Exception {
        // Given
        wal.record(3000);
        Lsn valid = wal.lsn();
        wal.record(30_000);
        byte[] broken = part(valid, wal.lsn());
        broken[100] ^= 1;
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, part(START, valid));

        // When
        connection.wal(valid, Arrays.copyOf(broken, 20_000));
        connection.expectStatus(status -> status.write().equals(valid.plus(20_000)));
        connection.wal(valid.plus(20_000), Arrays.copyOfRange(broken, 20_000, broken.length));

        // Then
        connection.expectEnd();
        ScriptedUpstream.Connection again = upstream.accept()
                .identify(1, wal.lsn())
                .describe(MAJOR)
                .identify(1, wal.lsn())
                .expectStart(START, 1)
                .beginCopy()
                .wal(START, wal.bytes());
        again.expectStatus(status -> status.flush().equals(wal.lsn()));
    }

    @Test
    void aDiskThatWasFullIsTriedAgainAndNothingIsLost() throws Exception {
        // Given
        wal.record(3000);
        Lsn middle = wal.lsn();
        wal.record(5000);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, part(START, middle));
        connection.expectStatus(status -> status.flush().equals(middle));
        storage.fail("write 0000");

        // When
        connection.wal(middle, part(middle, wal.lsn()));
        connection.expectEnd();
        storage.repair();

        // Then
        ScriptedUpstream.Connection again = upstream.accept()
                .identify(1, wal.lsn())
                .describe(MAJOR)
                .identify(1, wal.lsn())
                .expectStart(START, 1)
                .beginCopy()
                .wal(START, wal.bytes());
        again.expectStatus(status -> status.flush().equals(wal.lsn()));
        assertThat(directory.resolve("pg_wal/0000000100000001000007FF.partial")).hasBinaryContent(wal.zeroed());
    }

    @Test
    void aSilentUpstreamIsAskedAndThenGivenUp() throws Exception {
        // Given
        ScriptedUpstream.Connection connection = streaming("wal_receiver_timeout=300ms");

        // When, Then
        connection.expectStatus(StatusUpdate::replyRequested);
        connection.expectEnd();
        assertThat(upstream.accept()).isNotNull();
    }

    @Test
    void theUpstreamIsToldThePositionsFromTimeToTime() throws Exception {
        // Given
        ScriptedUpstream.Connection connection = streaming("wal_receiver_status_interval=1s");
        connection.expectStatus(status -> true);

        // When, Then
        assertThat(connection.expectStatus(status -> true).replyRequested()).isFalse();
    }

    private static TimelineHistory forkedAt(Lsn switchPoint) {
        return SampleCluster.history(SECOND, "1\t" + switchPoint + "\tno recovery target specified");
    }

    private static String text(TimelineHistory history) {
        return new String(history.file(), StandardCharsets.US_ASCII);
    }

    @Test
    void theNextTimelineIsFollowedWhenTheUpstreamEndsOne() throws Exception {
        // Given
        wal.record(3000);
        Lsn switchPoint = wal.lsn();
        wal.timeline(2).record(700);
        TimelineHistory next = forkedAt(switchPoint);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, part(START, switchPoint));

        // When: a keepalive still comes behind the server's CopyDone
        connection.respond(new BackendMessage.CopyDone()).expectCopyDone();
        connection
                .keepalive(switchPoint, true)
                .respond(
                        BackendMessage.RowDescription.of(),
                        BackendMessage.DataRow.of("2", switchPoint.toString()),
                        new BackendMessage.CommandComplete("START_STREAMING"),
                        new BackendMessage.CommandComplete("START_REPLICATION"),
                        new BackendMessage.ParameterStatus("in_hot_standby", "off"),
                        BackendMessage.ReadyForQuery.IDLE)
                .identify(2, wal.lsn())
                .expectQuery("TIMELINE_HISTORY 2")
                .respondRow("00000002.history", text(next))
                .expectQuery("TIMELINE_HISTORY 2")
                .respondRow("00000002.history", text(next))
                .identify(2, wal.lsn())
                .expectQuery("TIMELINE_HISTORY 2")
                .respondRow("00000002.history", text(next))
                .expectStart(START, 2)
                .beginCopy()
                .wal(START, wal.bytes());

        // Then
        connection.expectStatus(status -> status.flush().equals(wal.lsn()));
        assertThat(end().history()).isEqualTo(next);
        assertThat(directory.resolve("pg_wal/0000000200000001000007FF.partial")).hasBinaryContent(wal.zeroed());
    }

    @Test
    void anUpstreamThatEndsItsStreamsWithoutHavingSentAnythingIsAskedForOneOnlyAfterAWhile() throws Exception {
        // Given
        ScriptedUpstream.Connection connection = streaming();

        for (int i = 0; i < 3; i++) {
            // When
            connection
                    .respond(new BackendMessage.CopyDone())
                    .expectCopyDone()
                    .respond(
                            new BackendMessage.CommandComplete("START_REPLICATION"), BackendMessage.ReadyForQuery.IDLE);

            // Then: it is looked at at once, and again after wal_retrieve_retry_interval
            connection
                    .identify(1, START.plus(100))
                    .identify(1, START.plus(100))
                    .expectStart(START, 1)
                    .beginCopy();
        }
    }

    @Test
    void aShutdownOfTheUpstreamIsTriedAgain() throws Exception {
        // Given
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, wal.bytes());

        connection.expectStatus(status -> status.flush().equals(wal.lsn()));

        // When
        connection.respond(new BackendMessage.CommandComplete("COPY 0"));

        // Then
        connection.expectEnd();
        upstream.accept()
                .identify(1, wal.lsn())
                .describe(MAJOR)
                .identify(1, wal.lsn())
                .expectStart(START, 1);
    }

    @Test
    void receivingGoesOnAfterTheConnectionWasLost() throws Exception {
        // Given
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, wal.bytes());
        connection.expectStatus(status -> status.write().equals(wal.lsn()));

        // When
        connection.close();

        // Then
        upstream.accept()
                .identify(1, wal.lsn())
                .describe(MAJOR)
                .identify(1, wal.lsn())
                .expectStart(START, 1);
    }

    @Test
    void nothingIsAcknowledgedUntilTheUpstreamHasShownThatItHasWhatIsHere() throws Exception {
        // Given
        wal.record(3000);
        Lsn held = wal.lsn();
        wal.record(200);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, part(START, held));
        connection.expectStatus(status -> status.flush().equals(held));
        connection.close();
        ScriptedUpstream.Connection again = upstream.accept()
                .identify(1, wal.lsn())
                .describe(MAJOR)
                .identify(1, wal.lsn())
                .expectStart(START, 1)
                .beginCopy();

        // When
        again.wal(START, part(START, START.plus(1000))).keepalive(wal.lsn(), true);

        // Then
        StatusUpdate unknown = again.expectStatus(status -> true);
        assertThat(unknown.write()).isEqualTo(Lsn.INVALID);
        assertThat(unknown.flush()).isEqualTo(Lsn.INVALID);
        again.wal(START.plus(1000), part(START.plus(1000), wal.lsn()));
        again.expectStatus(status -> status.flush().equals(wal.lsn()));
        assertThat(directory.resolve("pg_wal/0000000100000001000007FF.partial")).hasBinaryContent(wal.zeroed());
    }

    @Test
    void anUpstreamWhoseWalIsNotWhatWasReceivedBeforeIsRefusedAndNothingOfItIsTaken() throws Exception {
        // Given
        wal.record(3000);
        byte[] held = wal.zeroed();
        Lsn end = wal.lsn();
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, wal.bytes());
        connection.expectStatus(status -> status.flush().equals(end));
        connection.close();
        wal.record(500);
        byte[] other = wal.bytes().clone();
        other[(int) end.minus(START) - 1] ^= 1;

        // When: twice, for it stays refused
        for (int i = 0; i < 2; i++) {
            ScriptedUpstream.Connection diverged = upstream.accept()
                    .identify(1, wal.lsn())
                    .describe(MAJOR)
                    .identify(1, wal.lsn())
                    .expectStart(START, 1)
                    .beginCopy()
                    .wal(START, other);

            // Then
            assertThat(diverged.expectStatus(status -> true).flush()).isEqualTo(Lsn.INVALID);
            diverged.expectEnd();
        }
        assertThat(end().written()).isEqualTo(end);
        assertThat(directory.resolve("pg_wal/0000000100000001000007FF.partial")).hasBinaryContent(held);
    }

    @Test
    void anUpstreamThatIsBehindIsAskedAgainAndNotStreamedFrom() throws Exception {
        // Given
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, wal.bytes());
        connection.expectStatus(status -> status.write().equals(wal.lsn()));
        connection.close();

        // When
        ScriptedUpstream.Connection behind =
                upstream.accept().identify(1, wal.lsn()).describe(MAJOR).identify(1, START.plus(100));

        // Then
        behind.identify(1, START.plus(200)).identify(1, wal.lsn()).expectStart(START, 1);
    }

    @Test
    void anotherClusterIsRefusedAndNoSlotIsMadeThere() throws Exception {
        // Given
        ScriptedUpstream.Connection connection = streaming();
        started.removeFirst().stop(cluster::close).join();
        connection.expectEnd();
        start("primary_slot_name=relay");

        // When
        ScriptedUpstream.Connection other =
                upstream.accept().identify("42", 1, START.plus(100)).describe(MAJOR);

        // Then
        other.expectEnd();
        assertThat(upstream.accept()).isNotNull();
        assertThat(cluster.control())
                .hasValueSatisfying(
                        control -> assertThat(control.systemIdentifier()).isEqualTo(WalBuilder.SYSTEM));
    }

    @Test
    void aRefusedStreamIsTriedAgain() throws Exception {
        // Given
        start();
        ScriptedUpstream.Connection connection = upstream.accept()
                .identify(1, START.plus(100))
                .describe(MAJOR)
                .identify(1, START.plus(100))
                .expectStart(START, 1);

        // When
        connection
                .beginCopy()
                .respondError(PgException.error(
                        SqlState.UNDEFINED_FILE,
                        "requested WAL segment 0000000100000001000007FF has already been removed"));

        // Then
        connection.expectEnd();
        upstream.accept().identify(1, START.plus(100));
    }

    @Test
    void stoppingTellsTheUpstreamAllThatIsFlushed() throws Exception {
        // Given
        wal.record(3000);
        ScriptedUpstream.Connection connection = streaming();
        connection.wal(START, wal.bytes());
        connection.expectStatus(status -> status.write().equals(wal.lsn()));

        // When
        started.removeFirst().stop(cluster::close).join();

        // Then
        connection.expectStatus(status -> status.flush().equals(wal.lsn()));
        connection.expectEnd();
    }
}
