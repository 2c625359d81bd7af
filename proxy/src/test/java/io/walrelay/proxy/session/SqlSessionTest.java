package io.walrelay.proxy.session;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.walrelay.proxy.backup.BackupPassthrough;
import io.walrelay.proxy.cluster.Cluster;
import io.walrelay.proxy.cluster.MirroredServer;
import io.walrelay.proxy.config.Configuration;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.console.CpuBudget;
import io.walrelay.proxy.fixture.Client;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.ScriptedConsole;
import io.walrelay.proxy.hba.AccessRules;
import io.walrelay.proxy.slot.SlotRegistry;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.proxy.upstream.UpstreamConnector;
import io.walrelay.proxy.wal.DiskGuard;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.proxy.walsender.SenderRegistry;
import io.walrelay.proxy.walsender.SenderWakeups;
import io.walrelay.replication.timeline.TimelineHistory;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.FrontendMessage.Extended;
import io.walrelay.wire.message.StartupPacket;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions that speak SQL, over loopback, before an engine that does what it is told. */
final class SqlSessionTest {
    @TempDir
    private Path directory;

    private final MultiThreadIoEventLoopGroup loop = Transport.NIO.eventLoops(1, "client");
    private final ConsoleWorkers workers = new ConsoleWorkers(new CpuBudget(() -> 10_000, System::nanoTime));
    private final ExecutorService disk = Executors.newSingleThreadExecutor();
    private final SessionRegistry sessions = new SessionRegistry(3);
    private final ScriptedConsole console = new ScriptedConsole();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private int port;

    @BeforeEach
    void listen() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Configuration configuration = SampleCluster.configuration(
                "port=" + port,
                "listen_addresses=127.0.0.1",
                "max_connections=5",
                "superuser_reserved_connections=2",
                "admin_users=admin");
        LocalStorage storage = new LocalStorage();
        Cluster cluster = new Cluster(
                storage, directory, false, () -> DiskGuard.Limits.NONE, SampleCluster.flusher(), failure -> {});
        WalStore wal = cluster.found(SampleCluster.control(FIRST), server(), TimelineHistory.first(), START)
                .wal();
        opened.add(cluster);
        AccessRules access = AccessRules.load(configuration);
        SenderWakeups wakeups = new SenderWakeups(wal, () -> WalSendAfter.WRITE);
        Downstream downstream = new Downstream(
                () -> configuration,
                () -> access,
                cluster,
                SlotRegistry.load(storage, directory, disk, 10),
                sessions,
                new SenderRegistry(),
                store -> wakeups,
                Optional.of(workers.access(console)),
                (client, name) ->
                        new BackupPassthrough(client, new UpstreamConnector(Transport.NIO), new CompletableFuture<>()),
                DownstreamTls.OFF,
                Clock.systemUTC());
        opened.add(new Listener(Transport.NIO, loop, downstream, new byte[16]));
    }

    /** Knows what pgjdbc asks for at start-up. */
    private static MirroredServer server() {
        MirroredServer sample = SampleCluster.server(15);
        List<MirroredServer.Parameter> settings = new ArrayList<>(sample.settings());
        settings.add(new MirroredServer.Parameter("TimeZone", "Etc/UTC", ""));
        settings.add(new MirroredServer.Parameter("extra_float_digits", "1", ""));
        return new MirroredServer(sample.version(), sample.reported(), settings);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        // As the relay does: the end of the event loops does not close every channel.
        sessions.cutOff();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        workers.close();
        disk.shutdown();
    }

    private Client client() {
        return client("postgres", "someone");
    }

    private Client client(String database, String user) {
        Client client = new Client(port);
        opened.add(client);
        LinkedHashMap<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", user);
        parameters.put("database", database);
        client.send(new StartupPacket.StartupMessage(3, 0, parameters));
        return client;
    }

    private Client loggedIn() {
        Client client = client();
        assertThat(client.untilReady()).startsWith("R").endsWith("Z");
        return client;
    }

    private static Extended.Bind bind(String portal, String statement, Object... values) {
        return new Extended.Bind(
                portal,
                statement,
                List.of(),
                Arrays.stream(values)
                        .map(value -> value.toString().getBytes(StandardCharsets.UTF_8))
                        .toList(),
                List.of());
    }

    @Test
    void statementsOfASimpleQueryAreAnsweredInOrderUpToTheOneThatFails() {
        Client client = loggedIn();

        assertThat(client.run("rows 2; begin;commit ; rows 0; fail; rows 1"))
                .startsWith("T n:23 t:25", "D 1|row 1", "D 2|row 2", "C SELECT 2", "C BEGIN", "C COMMIT", "T n:23 t:25")
                .contains("C SELECT 0")
                .last()
                .asString()
                .contains("42P01", "relation \"fail\" does not exist", "at 32");
        assertThat(client.run("")).containsExactly("I");
        assertThat(console.openResults).hasValue(0);
    }

    @Test
    void batchOfTheExtendedProtocolIsPassedOverAfterAnErrorUpToSync() {
        Client client = loggedIn();

        client.send(
                new Extended.Parse("s", "echo", List.of(23, 25)),
                new Extended.Describe((byte) 'S', "s"),
                bind("", "s", 7, "seven"),
                new Extended.Describe((byte) 'P', ""),
                new Extended.Execute("", 0),
                bind("", "s", "x", "y"),
                new Extended.Execute("", 0),
                new FrontendMessage.Sync());

        client.expect("1", "t [23, 25]", "T p:23 p:25", "2", "T p:23 p:25", "D 7|seven", "C SELECT 1");
        assertThat(client.next()).asString().contains("22P02", "invalid input syntax for type integer: \"x\"");
        client.expect("Z");

        client.send(bind("", "nobody"), new FrontendMessage.Sync());
        assertThat(client.next()).asString().contains("26000", "prepared statement \"nobody\" does not exist");
        client.expect("Z");
        client.send(new Extended.Parse("s", "rows 1", List.of()), new FrontendMessage.Sync());
        assertThat(client.next()).asString().contains("42P05", "prepared statement \"s\" already exists");
        client.expect("Z");
        client.send(bind("", "s", 1), new FrontendMessage.Sync());
        assertThat(client.next())
                .asString()
                .contains("08P01", "bind message supplies 1 parameters, but prepared statement \"s\" requires 2");
        client.expect("Z");
    }

    @Test
    void portalGivesItsRowsInGoesAndGoesWithTheTransaction() {
        Client client = loggedIn();
        client.run("begin");

        client.send(
                new Extended.Parse("", "rows 3", List.of()),
                bind("p", ""),
                new Extended.Execute("p", 2),
                new FrontendMessage.Sync());
        client.expect("1", "2", "D 1|row 1", "D 2|row 2", "s", "Z");

        client.send(new Extended.Execute("p", 2), new FrontendMessage.Sync());
        client.expect("D 3|NULL", "C SELECT 1", "Z");

        client.send(bind("p", ""), new FrontendMessage.Sync());
        assertThat(client.next()).asString().contains("42P03", "cursor \"p\" already exists");
        client.expect("Z");
        client.run("commit");
        client.send(new Extended.Execute("p", 0), new FrontendMessage.Sync());
        assertThat(client.next()).asString().contains("34000", "portal \"p\" does not exist");
        client.expect("Z");
        assertThat(console.openResults).hasValue(0);
    }

    @Test
    void clientThatDoesNotReadHoldsNeitherAResultNorAWorker() throws Exception {
        // Given
        List<Client> stalled = List.of(loggedIn(), loggedIn());
        for (Client each : stalled) {
            each.takeNothing();
            each.query("rows 2000000000");
        }

        // When
        Client other = loggedIn();
        for (int i = 0; i < 100; i++) {
            assertThat(other.run("rows 1")).endsWith("C SELECT 1");
        }

        // Then
        assertThat(console.rowsRead.get()).isLessThan(2_000_000);
        stalled.forEach(Client::reset);
    }

    @Test
    void allRowsArriveThoughTheyAreMoreThanTheSocketTakes() {
        Client client = loggedIn();

        client.query("rows 100000");

        List<String> answer = client.untilReady();
        assertThat(answer).hasSize(100_003).endsWith("C SELECT 100000", "Z");
        assertThat(answer.get(50_000)).isEqualTo("D 50000|row 50000");
    }

    @Test
    void cancelRequestEndsTheStatementAndNoOther() throws Exception {
        // Given
        Client client = loggedIn();
        client.query("block");
        assertThat(console.blocking.tryAcquire(20, TimeUnit.SECONDS)).isTrue();

        // When
        Client other = new Client(port);
        opened.add(other);
        other.send(
                new StartupPacket.CancelRequest(client.key().pid(), client.key().key()));

        // Then
        assertThat(client.next()).asString().contains("57014", "canceling statement due to user request");
        client.expect("Z");
        assertThat(client.run("rows 1")).endsWith("C SELECT 1");
    }

    @Test
    void adminIsAnsweredWhileOthersHaveAllWorkers() throws Exception {
        // Given
        loggedIn().query("block");
        loggedIn().query("block");
        assertThat(console.blocking.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();

        // When
        Client admin = client("postgres", "admin");

        // Then
        assertThat(admin.untilReady()).endsWith("Z");
        assertThat(admin.run("rows 1")).endsWith("C SELECT 1");
    }

    @Test
    void statementTimeoutEndsTheStatement() {
        Client client = loggedIn();
        client.run("set statement_timeout 100ms");

        assertThat(client.run("block"))
                .singleElement()
                .asString()
                .contains("57014", "canceling statement due to statement timeout");
    }

    @Test
    void fastShutdownCutsAStatementOffAndASmartOneLetsItEnd() throws Exception {
        // Given
        Client running = loggedIn();
        Client idle = loggedIn();
        running.query("block");
        assertThat(console.blocking.tryAcquire(20, TimeUnit.SECONDS)).isTrue();

        // When
        sessions.shutDown(ShutdownMode.SMART);

        // Then
        assertThat(idle.next()).asString().contains("57P01", "terminating connection due to administrator command");
        idle.expectEnd();
        assertThat(sessions.size()).isPositive();

        // When
        sessions.hurry(ShutdownMode.FAST);

        // Then
        assertThat(running.next()).asString().contains("57P01");
        running.expectEnd();
        assertThat(sessions.awaitNone(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void sessionIsClosedWhoseWorkerComesBackAfterTheEndOfItsEventLoop() throws Exception {
        // Given
        Client running = loggedIn();
        running.query("block");
        assertThat(console.blocking.tryAcquire(20, TimeUnit.SECONDS)).isTrue();

        // When
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        sessions.cancel(running.key().pid());

        // Then
        assertThat(console.firstClosed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(console.openResults).hasValue(0);
    }

    @Test
    void sessionsAreBoundedAndThereIsOneDatabase() {
        loggedIn();
        loggedIn();
        loggedIn();

        assertThat(client().untilReady())
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                "53300",
                                "remaining connection slots are reserved for non-replication superuser connections"));
        assertThat(client("postgres", "admin").untilReady()).endsWith("Z");
        assertThat(client("postgres", "admin").untilReady()).endsWith("Z");
        assertThat(client("postgres", "admin").untilReady())
                .anySatisfy(line -> assertThat(line).contains("53300", "sorry, too many clients already"));
        assertThat(client("other", "someone").untilReady())
                .anySatisfy(line -> assertThat(line).contains("3D000", "database \"other\" does not exist"));
    }

    @Test
    void brokenMessagesOfTheProtocolAreTold() {
        Client client = loggedIn();

        client.send(new Extended.Describe((byte) 'X', ""), new FrontendMessage.Sync());

        assertThat(client.next()).asString().contains("08P01", "invalid DESCRIBE message subtype 88");
        client.expect("Z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
    void pgjdbcIsServedInEachOfItsQueryModes(String mode) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=admin&preferQueryMode=" + mode
                + "&prepareThreshold=-1&binaryTransfer=true";
        try (Connection connection = DriverManager.getConnection(url)) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("rows 3")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(1);
                assertThat(rows.getString("t")).isEqualTo("row 1");
            }
            if (!mode.equals("simple")) {
                try (PreparedStatement echo = connection.prepareStatement("echo ? ? ?")) {
                    for (int i = 0; i < 3; i++) {
                        echo.setInt(1, i);
                        echo.setLong(2, 1L << 40);
                        echo.setDouble(3, 0.1);
                        try (ResultSet rows = echo.executeQuery()) {
                            assertThat(rows.next()).isTrue();
                            assertThat(rows.getInt(1)).isEqualTo(i);
                            assertThat(rows.getLong(2)).isEqualTo(1L << 40);
                            assertThat(rows.getDouble(3)).isEqualTo(0.1);
                        }
                    }
                }
            }
            try (Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute("fail"))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("relation \"fail\" does not exist");
                assertThat(statement.execute("rows 1")).isTrue();
            }
        }
    }
}
