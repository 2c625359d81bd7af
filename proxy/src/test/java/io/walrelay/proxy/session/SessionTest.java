package io.walrelay.proxy.session;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.SECOND;
import static io.walrelay.proxy.fixture.SampleCluster.SEGMENT;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static io.walrelay.proxy.fixture.SampleCluster.receive;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.walrelay.proxy.backup.BackupPassthrough;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.fixture.Client;
import io.walrelay.proxy.fixture.Frame;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.ScriptedUpstream;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.hba.AccessRules;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.upstream.UpstreamLogin;
import io.walrelay.proxy.wal.DiskGuard;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walsender.SenderRegistry;
import io.walrelay.proxy.walsender.SenderWakeups;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.StartupPacket;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole sessions, over loopback, before a store that the test fills. */
final class SessionTest {
    private static final String NEGOTIATED_AWAY =
            "NegotiateProtocolVersion[version=196608, options=[_pq_.walrelay_compression]]";

    @TempDir
    private Path directory;

    private final WatchedStorage storage = new WatchedStorage();
    private final MultiThreadIoEventLoopGroup loop = Transport.NIO.eventLoops(1, "client");
    private final ExecutorService disk = Executors.newSingleThreadExecutor();
    private final CountDownLatch diskGoesOn = new CountDownLatch(1);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private SessionRegistry sessions = new SessionRegistry(0);
    private final Optional<ConsoleAccess> console = Optional.empty();
    private Optional<ConnectionInfo> backupsFrom = Optional.empty();
    private int port;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        // As the relay does: the end of the event loops does not close every channel.
        sessions.cutOff();
        disk.shutdown();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** From now on, whatever has to touch the disk waits until {@code diskGoesOn}. */
    private void stopDisk() {
        disk.execute(() -> {
            try {
                assertThat(diskGoesOn.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private WalStore listen(int major, String... settings) throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("port=" + port);
        all.add("listen_addresses=127.0.0.1");
        Configuration configuration = SampleCluster.configuration(all.toArray(String[]::new));
        Cluster cluster = new Cluster(
                storage, directory, false, () -> DiskGuard.Limits.NONE, SampleCluster.flusher(), failure -> {});
        WalStore wal = cluster.found(
                        SampleCluster.control(FIRST), SampleCluster.server(major), TimelineHistory.first(), START)
                .wal();
        opened.add(cluster);
        AccessRules access = AccessRules.load(configuration);
        sessions = new SessionRegistry(3);
        SenderWakeups wakeups = new SenderWakeups(wal, () -> io.walrelay.proxy.config.WalSendAfter.WRITE);
        UpstreamConnector connector = new UpstreamConnector(Transport.NIO);
        Downstream downstream = new Downstream(
                () -> configuration,
                () -> access,
                cluster,
                SlotRegistry.load(storage, directory, disk, 10),
                sessions,
                new SenderRegistry(),
                store -> wakeups,
                console,
                (client, name) -> new BackupPassthrough(
                        client,
                        connector,
                        backupsFrom
                                .map(info -> connector.connect(client.eventLoop(), info, 0, name))
                                .orElseGet(() -> CompletableFuture.failedFuture(PgException.error(
                                        SqlState.OBJECT_NOT_IN_PREREQUISITE_STATE, "primary_conninfo is not set")))),
                DownstreamTls.OFF,
                Clock.systemUTC());
        opened.add(new Listener(Transport.NIO, loop, downstream, new byte[16]));
        return wal;
    }

    private Client client(String... parameters) {
        Client client = Client.loggedIn(port, parameters);
        opened.add(client);
        return client;
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static byte[] streamed(Client client, Lsn from, Lsn to) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Lsn expected = from;
        while (expected.isBefore(to)) {
            if (client.next() instanceof Frame.Wal wal) {
                assertThat(wal.start()).isEqualTo(expected);
                expected = wal.end();
                out.writeBytes(wal.data());
            }
        }
        return out.toByteArray();
    }

    private UpstreamLogin relay(CompressionOption option) throws Exception {
        UpstreamLogin login = new UpstreamConnector(Transport.NIO)
                .connect(
                        loop.next(),
                        ConnectionInfo.parse("host=127.0.0.1 user=standby port=" + port),
                        0,
                        "relay",
                        Optional.of(option))
                .get(20, TimeUnit.SECONDS);
        opened.add(() -> login.channel().close().syncUninterruptibly());
        return login;
    }

    private List<String> answerTo(String... parameters) {
        Client client = new Client(port);
        opened.add(client);
        client.startup(parameters);
        return client.untilReady();
    }

    @Test
    void aRelayThatAsksForCompressionGetsIt() throws Exception {
        // Given
        listen(15);

        // When
        UpstreamLogin login = relay(new CompressionOption(OptionalInt.of(3)));

        // Then
        assertThat(login.compression()).isPresent();
        assertThat(login.reported()).noneMatch(parameter -> parameter.name().startsWith("_pq_."));
        assertThat(answerTo(CompressionOption.NAME, "zstd", "_pq_.foo", "1"))
                .startsWith("NegotiateProtocolVersion[version=196608, options=[_pq_.foo]]", "R");
    }

    @Test
    void compressionIsNegotiatedAwayWhereItIsNotAllowed() throws Exception {
        // Given
        listen(15, "wal_sender_compression=off");

        // When
        UpstreamLogin login = relay(new CompressionOption(OptionalInt.empty()));

        // Then
        assertThat(login.compression()).isEmpty();
        assertThat(answerTo(CompressionOption.NAME, "zstd")).startsWith(NEGOTIATED_AWAY, "R");
    }

    @Test
    void compressionIsNegotiatedAwayWhereItIsNotKnownOrOfNoUse() throws Exception {
        // Given
        listen(15);

        // When and then
        assertThat(answerTo(CompressionOption.NAME, "lz4")).startsWith(NEGOTIATED_AWAY, "R");
        assertThat(answerTo(CompressionOption.NAME, "zstd", "replication", "database"))
                .startsWith(NEGOTIATED_AWAY);
        assertThat(answerTo(CompressionOption.NAME, "lz4", "user", ""))
                .containsExactly(
                        NEGOTIATED_AWAY, "E FATAL: 28000: no PostgreSQL user name specified in startup packet", "end");
    }

    @Test
    void aKindOfReplicationThatDoesNotExistIsRefusedBeforeAnythingIsNegotiated() throws Exception {
        // Given
        listen(15);

        // When
        List<String> answer = answerTo(CompressionOption.NAME, "lz4", "replication", "o");

        // Then
        assertThat(answer).containsExactly("E FATAL: 22023: invalid value for parameter \"replication\": \"o\"", "end");
    }

    @Test
    void commandsThatAreSentAtOnceAreAnsweredInOrder() throws Exception {
        // Given
        receive(listen(15), bytes(100));
        Client client = client();

        // When
        client.query("IDENTIFY_SYSTEM", "CREATE_REPLICATION_SLOT a PHYSICAL", "READ_REPLICATION_SLOT a", "SELECT 1");

        // Then
        assertThat(client.untilReady())
                .containsExactly(
                        "T systemid:25 timeline:23 xlogpos:25 dbname:25",
                        "D 7312345678901234567|1|1/7FF00064|NULL",
                        "C IDENTIFY_SYSTEM",
                        "Z");
        assertThat(client.untilReady()).contains("D a|0/0|NULL|NULL", "C CREATE_REPLICATION_SLOT");
        assertThat(client.untilReady()).contains("D physical|NULL|NULL", "C READ_REPLICATION_SLOT");
        assertThat(client.untilReady())
                .containsExactly(
                        "E ERROR: 0A000: cannot execute SQL commands in WAL sender for physical replication", "Z");
    }

    @Test
    void whatIsSentWhileACommandWaitsForTheDiskIsAnsweredAfterIt() throws Exception {
        // Given
        listen(15);
        stopDisk();
        Client client = client();

        // When
        client.query("CREATE_REPLICATION_SLOT a PHYSICAL", "SHOW wal_segment_size", "DROP_REPLICATION_SLOT a");
        diskGoesOn.countDown();

        // Then
        assertThat(client.untilReady()).contains("C CREATE_REPLICATION_SLOT");
        assertThat(client.untilReady()).containsExactly("T wal_segment_size:25", "D 1MB", "C SHOW", "Z");
        assertThat(client.untilReady()).containsExactly("C DROP_REPLICATION_SLOT", "Z");
    }

    @Test
    void twoCommandsThatWaitForTheDiskAreCarriedOutOneAfterTheOther() throws Exception {
        // Given
        listen(15);
        stopDisk();
        Client client = client();

        // When
        client.query(
                "CREATE_REPLICATION_SLOT a PHYSICAL",
                "CREATE_REPLICATION_SLOT b PHYSICAL",
                "DROP_REPLICATION_SLOT a",
                "IDENTIFY_SYSTEM");
        diskGoesOn.countDown();

        // Then
        assertThat(client.untilReady()).contains("D a|0/0|NULL|NULL");
        assertThat(client.untilReady()).contains("D b|0/0|NULL|NULL");
        assertThat(client.untilReady()).contains("C DROP_REPLICATION_SLOT");
        assertThat(client.untilReady()).contains("C IDENTIFY_SYSTEM");
    }

    @Test
    void aCanceledCommandIsAnErrorAndTheSessionGoesOn() throws Exception {
        // Given
        listen(15);
        Client holder = client();
        holder.run("CREATE_REPLICATION_SLOT a PHYSICAL");
        holder.query("START_REPLICATION SLOT a " + START);
        holder.expect("W");
        Client client = client();
        client.query("IDENTIFY_SYSTEM", "DROP_REPLICATION_SLOT a WAIT", "IDENTIFY_SYSTEM");
        client.untilReady();

        // When
        Client cancel = new Client(port);
        opened.add(cancel);
        cancel.send(
                new StartupPacket.CancelRequest(client.key().pid(), client.key().key()));
        cancel.expectEnd();

        // Then
        assertThat(client.untilReady()).containsExactly("E ERROR: 57014: canceling statement due to user request", "Z");
        assertThat(client.untilReady()).contains("C IDENTIFY_SYSTEM");
        holder.close();
        assertThat(client.run("READ_REPLICATION_SLOT a")).contains("D physical|NULL|NULL");
    }

    @Test
    void aCancelRequestWithTheWrongKeyDoesNothing() throws Exception {
        // Given
        listen(15);
        Client client = client();
        client.query("IDENTIFY_SYSTEM", "START_REPLICATION " + START);
        client.untilReady();
        client.expect("W");

        // When
        Client cancel = new Client(port);
        opened.add(cancel);
        cancel.send(new StartupPacket.CancelRequest(client.key().pid(), new byte[] {1, 2, 3, 4}));
        cancel.expectEnd();

        // Then
        client.status(START, START, true);
        assertThat(client.next()).isEqualTo(new Frame.Keepalive(START, false));
    }

    @Test
    void aBatchOfTheExtendedProtocolIsRefusedOnce() throws Exception {
        // Given
        listen(15);
        Client client = client();

        // When: P B E and then what is not theirs
        client.send(
                io.netty.buffer.Unpooled.wrappedBuffer(new byte[] {'P', 0, 0, 0, 4, 'B', 0, 0, 0, 4, 'E', 0, 0, 0, 4}),
                new FrontendMessage.Query("IDENTIFY_SYSTEM"),
                new FrontendMessage.Sync(),
                new FrontendMessage.Sync());

        // Then
        assertThat(client.untilReady())
                .containsExactly(
                        "E ERROR: 08P01: extended query protocol not supported in a replication connection", "Z");
        client.expect("Z");
        assertThat(client.run("IDENTIFY_SYSTEM")).contains("C IDENTIFY_SYSTEM");
    }

    @Test
    void streamedWalIsWhatWasReceivedAndTheSessionGoesOnAfterIt() throws Exception {
        // Given
        byte[] wal = bytes(3 * SEGMENT + 777);
        WalStore store = listen(15);
        receive(store, wal);
        Client client = client();

        // When
        client.query("START_REPLICATION " + START + " TIMELINE 1");

        // Then
        client.expect("W");
        assertThat(streamed(client, START, START.plus(wal.length))).isEqualTo(wal);
        client.send(new FrontendMessage.CopyDone());
        client.expect("c", "C START_STREAMING", "C START_REPLICATION", "Z");
        assertThat(client.run("IDENTIFY_SYSTEM")).contains("C IDENTIFY_SYSTEM");
    }

    @Test
    void aTimelineThatEndsWhereTheClientIsHasNoCopy() throws Exception {
        // Given
        WalStore store = listen(12);
        receive(store, bytes(1000));
        store.switchTimeline(SampleCluster.history(SECOND, "1\t" + START.plus(1000) + "\tx"));
        Client client = client();
        client.run("IDENTIFY_SYSTEM");

        // When, Then
        assertThat(client.run("START_REPLICATION " + START.plus(1000) + " TIMELINE 1"))
                .containsExactly(
                        "T next_tli:20 next_tli_startpos:25",
                        "D 2|" + START.plus(1000),
                        "C START_STREAMING",
                        "C SELECT");
    }

    @Test
    void aHistoricTimelineIsEndedByBothSides() throws Exception {
        // Given
        WalStore store = listen(15);
        receive(store, bytes(1000));
        store.switchTimeline(SampleCluster.history(SECOND, "1\t" + START.plus(900) + "\tx"));
        Client client = client();

        // When
        client.query("START_REPLICATION " + START + " TIMELINE 1");

        // Then
        client.expect("W");
        streamed(client, START, START.plus(900));
        client.expect("c");
        client.send(new FrontendMessage.CopyDone());
        client.expect(
                "T next_tli:20 next_tli_startpos:25",
                "D 2|" + START.plus(900),
                "C START_STREAMING",
                "C START_REPLICATION",
                "Z");
    }

    @Test
    void errorsOfStartReplicationComeWhereAServerSendsThem() throws Exception {
        // Given
        WalStore store = listen(15);
        receive(store, bytes(SEGMENT + 100));
        SampleCluster.awaitFlushed(store, START.plus(SEGMENT + 100));
        Files.delete(directory.resolve("pg_wal/0000000100000001000007FF"));
        Client client = client();

        // When, Then
        assertThat(client.run("START_REPLICATION SLOT nope " + START))
                .containsExactly("E ERROR: 42704: replication slot \"nope\" does not exist");
        assertThat(client.run("START_REPLICATION " + START + " TIMELINE 9"))
                .containsExactly("E ERROR: XX000: requested timeline 9 is not in this server's history");
        assertThat(client.run("START_REPLICATION " + START))
                .containsExactly(
                        "W", "E ERROR: 58P01: requested WAL segment 0000000100000001000007FF has already been removed");
        assertThat(client.run("TIMELINE_HISTORY 2"))
                .containsExactly(
                        "T filename:25 content:25",
                        "E ERROR: 58P01: could not open file \"pg_wal/00000002.history\": No such file or directory");
        assertThat(client.run("IDENTIFY_SYSTEM")).contains("C IDENTIFY_SYSTEM");
    }

    @Test
    void aSlotIsHeldWhileItIsStreamedFromAndATemporaryOneEndsWithAnError() throws Exception {
        // Given
        listen(15);
        Client holder = client();
        holder.run("CREATE_REPLICATION_SLOT a PHYSICAL RESERVE_WAL");
        holder.query("START_REPLICATION SLOT a " + START);
        holder.expect("W");
        Client client = client();
        client.run("CREATE_REPLICATION_SLOT t TEMPORARY PHYSICAL");

        // When, Then
        int pid = holder.key().pid();
        assertThat(client.run("START_REPLICATION SLOT a " + START))
                .containsExactly("E ERROR: 55006: replication slot \"a\" is active for PID " + pid);
        assertThat(client.run("READ_REPLICATION_SLOT t")).contains("D NULL|NULL|NULL");
        client.query("DROP_REPLICATION_SLOT a WAIT");
        holder.close();
        client.expect("C DROP_REPLICATION_SLOT", "Z");
    }

    @Test
    void aSlotIsReleasedWhenTheConnectionIsReset() throws Exception {
        // Given
        WalStore wal = listen(15);
        receive(wal, bytes(100));
        Client lost = client();
        lost.run("CREATE_REPLICATION_SLOT a PHYSICAL");
        lost.query("START_REPLICATION SLOT a " + START);
        lost.expect("W");
        lost.next();

        // When
        lost.reset();

        // Then
        assertThat(sessions.awaitNone(Duration.ofSeconds(20))).isTrue();
        Client next = client();
        next.query("START_REPLICATION SLOT a " + START);
        next.expect("W");
    }

    @Test
    void commandsWaitWhileTheClientDoesNotTakeTheAnswers() throws Exception {
        // Given
        listen(15);
        Client client = client();
        client.takeNothing();
        String[] questions = new String[20_000];
        Arrays.fill(questions, "SHOW ALL");

        // When
        client.query(questions);

        // Then
        client.takeAgain();
        for (int i = 0; i < questions.length; i++) {
            assertThat(client.untilReady()).endsWith("C SHOW", "Z");
        }
    }

    @Test
    void aClientThatDoesNotLogInIsLeftWithoutAWordWhenItsTimeIsUp() throws Exception {
        // Given
        listen(15, "authentication_timeout=1s");
        Client loggedIn = client();

        // When
        Client silent = new Client(port);
        opened.add(silent);

        // Then
        silent.expectEnd();
        loggedIn.query("SHOW wal_segment_size");
        assertThat(loggedIn.untilReady()).endsWith("C SHOW", "Z");
    }

    @Test
    void aSilentClientIsAskedAndThenLeftWithoutAWord() throws Exception {
        // Given
        listen(15);
        Client client = client("options", "-c wal_sender_timeout=300ms");

        // When
        client.query("START_REPLICATION " + START);

        // Then
        client.expect("W");
        assertThat(client.next()).isEqualTo(new Frame.Keepalive(START, true));
        client.expectEnd();
    }

    @Test
    void shutdownBringsStreamsToTheirEndAndCutsOffTheRest() throws Exception {
        // Given
        WalStore store = listen(15);
        receive(store, bytes(500));
        Client idle = client();
        Client streaming = client();
        streaming.query("START_REPLICATION " + START);
        streaming.expect("W");
        streamed(streaming, START, START.plus(500));

        // When
        sessions.shutDown(ShutdownMode.FAST);

        // Then
        assertThat(idle.untilReady())
                .containsExactly("E FATAL: 57P01: terminating connection due to administrator command", "end");
        assertThat(streaming.next()).isEqualTo(new Frame.Keepalive(START.plus(500), true));
        streaming.status(START.plus(500), START.plus(500), false);
        streaming.expect("C COPY 0");
        streaming.expectEnd();
        assertThat(sessions.awaitNone(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void aBaseBackupWithoutAnUpstreamIsAnErrorAndTheSessionGoesOn() throws Exception {
        // Given
        listen(15);
        Client client = client();

        // When, Then
        for (int i = 0; i < 2; i++) {
            assertThat(client.run("BASE_BACKUP"))
                    .containsExactly(
                            "E ERROR: 08006: could not connect to the primary server: primary_conninfo is not set");
        }
        assertThat(client.run("IDENTIFY_SYSTEM")).contains("C IDENTIFY_SYSTEM");
    }

    @Test
    void whatIsSentBehindABaseBackupIsAnsweredAfterIt() throws Exception {
        // Given
        ScriptedUpstream upstream = new ScriptedUpstream(15);
        opened.add(upstream);
        backupsFrom = Optional.of(ConnectionInfo.parse(upstream.conninfo()));
        listen(15);
        Client client = client();

        // When
        client.query("BASE_BACKUP", "SHOW wal_segment_size", "BASE_BACKUP", "IDENTIFY_SYSTEM");
        ScriptedUpstream.Connection connection = upstream.accept();
        connection.expectQuery("BASE_BACKUP").respondRow("1/0");

        // Then
        assertThat(client.untilReady()).containsExactly("T c0:25", "D 1/0", "C X", "Z");
        assertThat(client.untilReady()).containsExactly("T wal_segment_size:25", "D 1MB", "C SHOW", "Z");
        connection.expectQuery("BASE_BACKUP").close();
        assertThat(client.untilReady())
                .containsExactly("E ERROR: 08006: the upstream server closed the connection unexpectedly", "Z");
        assertThat(client.untilReady()).contains("C IDENTIFY_SYSTEM");
    }

    @Test
    void whatIsSentBehindTheEndOfAnUploadIsAnsweredAfterIt() throws Exception {
        // Given
        ScriptedUpstream upstream = new ScriptedUpstream(17);
        opened.add(upstream);
        backupsFrom = Optional.of(ConnectionInfo.parse(upstream.conninfo()));
        listen(17);
        Client client = client();

        // When
        client.query("UPLOAD_MANIFEST");
        client.send(new FrontendMessage.CopyDone(), new FrontendMessage.Query("IDENTIFY_SYSTEM"));
        upstream.accept()
                .expectQuery("UPLOAD_MANIFEST")
                .expectCopyDone()
                .respond(new BackendMessage.CommandComplete("UPLOAD_MANIFEST"), BackendMessage.ReadyForQuery.IDLE);

        // Then
        assertThat(client.untilReady()).containsExactly("C UPLOAD_MANIFEST", "Z");
        assertThat(client.untilReady()).contains("C IDENTIFY_SYSTEM");
    }

    @Test
    void whatComesWithTheStartupMessageIsNotLost() throws Exception {
        // Given
        listen(15);
        Client client = new Client(port);
        opened.add(client);

        // When: a client that waits for nothing
        client.send(Client.startupMessage(), new FrontendMessage.Query("IDENTIFY_SYSTEM"));

        // Then
        assertThat(client.untilReady()).endsWith("Z");
        assertThat(client.untilReady()).contains("C IDENTIFY_SYSTEM");
    }

    @Test
    void noMoreSessionsThanAllowedAreAdmittedAndEachHasAPidOfItsOwn() throws Exception {
        // Given
        listen(17);
        Client first = client();
        Client second = client();
        client();
        assertThat(first.key().pid()).isNotEqualTo(second.key().pid());

        // When
        Client fourth = new Client(port);
        opened.add(fourth);
        fourth.startup();

        // Then
        assertThat(fourth.untilReady())
                .containsExactly(
                        "R",
                        "E FATAL: 53300: number of requested standby connections exceeds \"max_wal_senders\""
                                + " (currently 3)",
                        "end");
    }

    @Test
    void noMoreConnectionsThanAllowedMayAuthenticateAtATime() throws Exception {
        // Given
        listen(15);
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < PendingLogins.SERVED; i++) {
            silent.add(new Socket(InetAddress.getLoopbackAddress(), port));
            opened.add(silent.get(i));
        }

        // When
        assertRefused("E FATAL: 53300: sorry, too many clients already");
        for (int i = PendingLogins.SERVED; i < PendingLogins.HEARD; i++) {
            opened.add(new Socket(InetAddress.getLoopbackAddress(), port));
        }
        try (Socket unheard = new Socket(InetAddress.getLoopbackAddress(), port)) {
            unheard.setSoTimeout(20_000);
            assertThat(unheard.getInputStream().read()).isEqualTo(-1);
        }
        for (AutoCloseable connection : opened) {
            if (connection instanceof Socket socket) {
                socket.close();
            }
        }

        // Then
        Client client = new Client(port);
        opened.add(client);
        client.startup();
        String answer = String.valueOf(client.next());
        while (answer.startsWith("E FATAL: 53300")) {
            // The relay has not seen all of them go yet.
            client = new Client(port);
            opened.add(client);
            client.startup();
            answer = String.valueOf(client.next());
        }
        assertThat(answer).isEqualTo("R");
    }

    @Test
    void nobodyIsAdmittedDuringShutdown() throws Exception {
        // Given
        listen(15);

        // When
        sessions.shutDown(ShutdownMode.FAST);

        // Then
        Client client = new Client(port);
        opened.add(client);
        client.startup();
        client.expect("R", "E FATAL: 57P03: the database system is shutting down");
    }

    @Test
    void startupIsRefusedInPostgresqlsWords() throws Exception {
        listen(15);
        assertRefused("E FATAL: 22023: invalid value for parameter \"replication\": \"o\"", "replication", "o");
        assertRefused("E FATAL: 28000: no PostgreSQL user name specified in startup packet", "user", "");
        assertRefused("R, E FATAL: 42704: unrecognized configuration parameter \"nope\"", "nope", "1");
        assertRefused(
                "R, E FATAL: 55P02: parameter \"max_connections\" cannot be changed without restarting the server",
                "max_connections",
                "1");
        assertRefused("R, E FATAL: 3D000: database \"x\" does not exist", "replication", "database", "database", "x");
    }

    private void assertRefused(String expected, String... parameters) {
        try (Client client = new Client(port)) {
            client.startup(parameters);
            List<String> heard = client.untilReady();
            assertThat(String.join(", ", heard)).isEqualTo(expected + ", end");
        }
    }
}
