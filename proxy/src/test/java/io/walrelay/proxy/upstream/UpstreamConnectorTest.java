package io.walrelay.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.walrelay.proxy.config.ConnectionInfo;
import io.walrelay.proxy.fixture.ScriptedUpstream;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.wire.compression.CompressionOption;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UpstreamConnectorTest {
    private static final int MAJOR = 15;

    private final MultiThreadIoEventLoopGroup loop = Transport.NIO.eventLoops(1, "upstream");
    private final List<AutoCloseable> servers = new ArrayList<>();
    private final List<String> lookedUp = new CopyOnWriteArrayList<>();
    private final ScriptedUpstream upstream = opened(new ScriptedUpstream(MAJOR));

    /** Names as a resolver would know them; whatever is not among them is read as an address. */
    private Map<String, List<String>> names = Map.of();

    private final UpstreamConnector connector =
            new UpstreamConnector(Transport.NIO, this::addresses, () -> new SplittableRandom(1));

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable server : servers) {
            server.close();
        }
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private <T extends AutoCloseable> T opened(T server) {
        servers.add(server);
        return server;
    }

    private CompletableFuture<List<InetAddress>> addresses(String host) {
        lookedUp.add(host);
        List<InetAddress> found = new ArrayList<>();
        try {
            for (String address : names.getOrDefault(host, List.of(host))) {
                if (address.isEmpty()) {
                    throw new UnknownHostException(host);
                }
                found.addAll(List.of(InetAddress.getAllByName(address)));
            }
        } catch (UnknownHostException e) {
            return CompletableFuture.failedFuture(e);
        }
        return CompletableFuture.completedFuture(found);
    }

    private CompletableFuture<UpstreamLogin> connecting(String conninfo) throws Exception {
        return connector.connect(loop.next(), ConnectionInfo.parse(conninfo + " user=replicator"), 0, "relay");
    }

    private UpstreamLogin connect(String conninfo) throws Exception {
        UpstreamLogin login = connecting(conninfo).get(20, TimeUnit.SECONDS);
        servers.addFirst(() -> login.channel().close().syncUninterruptibly());
        return login;
    }

    private PgException refusal(String conninfo) throws Exception {
        try {
            UpstreamLogin login = connecting(conninfo).get(20, TimeUnit.SECONDS);
            throw new AssertionError("nobody has refused: " + login);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PgException refused) {
                return refused;
            }
            throw e;
        }
    }

    private CompletableFuture<UpstreamLogin> askingForCompression(int port) throws Exception {
        return connector.connect(
                loop.next(),
                ConnectionInfo.parse("host=127.0.0.1 user=replicator sslmode=disable port=" + port),
                0,
                "relay",
                Optional.of(new CompressionOption(OptionalInt.empty())));
    }

    @Test
    void aServerThatDoesNotConfirmCompressionSendsPlainly() throws Exception {
        // When
        UpstreamLogin login = askingForCompression(upstream.port()).get(20, TimeUnit.SECONDS);
        servers.addFirst(() -> login.channel().close().syncUninterruptibly());

        // Then
        assertThat(upstream.accept().startup().parameters()).containsEntry(CompressionOption.NAME, "zstd");
        assertThat(login.compression()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "08P01, unsupported startup parameter: _pq_.walrelay_compression, 2",
        "42704, unrecognized configuration parameter \"_pq_.walrelay_compression\", 2",
        "0A000, no options here, 2",
        "28000, no pg_hba.conf entry, 1",
        "57P03, the database system is starting up, 1"
    })
    void aPoolerThatRefusesTheOptionIsAskedAgainWithoutIt(String state, String message, int visits) throws Exception {
        // Given
        BluntServer pooler = opened(BluntServer.refusing("127.0.0.1", 0, SqlState.of(state), message));

        // When
        CompletableFuture<UpstreamLogin> refused = askingForCompression(pooler.port());

        // Then
        assertThat(refused).failsWithin(20, TimeUnit.SECONDS);
        assertThat(pooler.visitors()).isEqualTo(visits);
    }

    private static String address(UpstreamLogin login) {
        return ((InetSocketAddress) login.channel().remoteAddress())
                .getAddress()
                .getHostAddress();
    }

    @Test
    void theAddressesOfANameAreTriedInTheirOrder() throws Exception {
        // Given
        names = Map.of("db.example", List.of("127.0.0.2", "127.0.0.3", "127.0.0.1"));

        // When
        UpstreamLogin login = connect("host=db.example port=" + upstream.port());

        // Then
        assertThat(address(login)).isEqualTo("127.0.0.1");
        assertThat(login.hostIndex()).isZero();
        assertThat(login.host().name()).isEqualTo("db.example");
    }

    @Test
    void anAddressThatDoesNotAnswerIsLeftWhenItsTimeIsUp() throws Exception {
        // Given
        BluntServer silent = opened(BluntServer.silent("127.0.0.2", upstream.port()));
        names = Map.of("db.example", List.of("127.0.0.2", "127.0.0.1"));

        // When
        UpstreamLogin login = connect("host=db.example connect_timeout=2 port=" + upstream.port());

        // Then
        assertThat(address(login)).isEqualTo("127.0.0.1");
        assertThat(silent.visitors()).isOne();
    }

    @Test
    void withoutALimitAnAddressThatDoesNotAnswerIsWaitedFor() throws Exception {
        // Given
        BluntServer silent = opened(BluntServer.silent("127.0.0.2", 0));
        CompletableFuture<UpstreamLogin> forEver = connecting("host=127.0.0.2 connect_timeout=0 port=" + silent.port());

        // When
        PgException late = refusal("host=127.0.0.2 connect_timeout=2 port=" + silent.port());

        // Then
        assertThat(late.message())
                .isEqualTo("connection to server at \"127.0.0.2\", port " + silent.port() + " failed: timeout expired");
        assertThat(silent.visitors()).isEqualTo(2);
        assertThat(forEver).isNotDone();
    }

    @Test
    void theLoopServesOthersWhileANameServerDoesNotAnswer() throws Exception {
        // Given
        UpstreamConnector ofSystem = new UpstreamConnector(Transport.NIO);
        ConnectionInfo slow = ConnectionInfo.parse("host=" + SlowResolver.SLOW + " user=replicator");

        // When
        CompletableFuture<UpstreamLogin> login = CompletableFuture.supplyAsync(
                        () -> ofSystem.connect(loop.next(), slow, 0, "relay"), loop.next())
                .thenCompose(connecting -> connecting);

        // Then
        assertThat(loop.next().submit(() -> "served").get(20, TimeUnit.SECONDS)).isEqualTo("served");
        assertThat(login).isNotDone();
        SlowResolver.answer();
        assertThat(login)
                .failsWithin(20, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("could not translate host name \"slow.example\" to address");
    }

    @Test
    void aServerThatDoesNotLetUsInEndsTheAttempt() throws Exception {
        // Given
        BluntServer refusing = opened(BluntServer.refusing(
                "127.0.0.2", 0, SqlState.INVALID_PASSWORD, "password authentication failed for user \"replicator\""));

        // When
        PgException reason =
                refusal("sslmode=disable host=127.0.0.2,127.0.0.1 port=" + refusing.port() + "," + upstream.port());

        // Then
        assertThat(reason.sqlState()).isEqualTo(SqlState.INVALID_PASSWORD);
        assertThat(reason.message())
                .isEqualTo("connection to server at \"127.0.0.2\", port " + refusing.port()
                        + " failed: password authentication failed for user \"replicator\"");
        assertThat(upstream.isAsked()).isFalse();
    }

    @Test
    void aServerThatIsStartingUpIsPassedOverWithAllItsAddresses() throws Exception {
        // Given
        ScriptedUpstream second = opened(new ScriptedUpstream(MAJOR));
        opened(BluntServer.refusing(
                "127.0.0.2", upstream.port(), SqlState.CANNOT_CONNECT_NOW, "the database system is starting up"));
        names = Map.of("db.example", List.of("127.0.0.2", "127.0.0.1"));

        // When
        UpstreamLogin login = connect("host=db.example,127.0.0.1 port=" + upstream.port() + "," + second.port());

        // Then
        assertThat(login.hostIndex()).isOne();
        assertThat(upstream.isAsked()).isFalse();
    }

    @Test
    void aNameWithoutAddressIsPassedOver() throws Exception {
        // Given
        names = Map.of("gone.example", List.of(""));

        // When
        UpstreamLogin login = connect("host=gone.example,127.0.0.1 port=" + upstream.port());

        // Then
        assertThat(login.hostIndex()).isOne();
        assertThat(refusal("host=gone.example").message())
                .isEqualTo("could not translate host name \"gone.example\" to address: Name or service not known");
    }

    @Test
    void aHostaddrIsConnectedToAndTheNameNotLookedUp() throws Exception {
        // Given
        names = Map.of("db.example", List.of(""));

        // When
        UpstreamLogin login = connect("host=db.example hostaddr=127.0.0.1 port=" + upstream.port());

        // Then
        assertThat(address(login)).isEqualTo("127.0.0.1");
        assertThat(login.host().name()).isEqualTo("db.example");
        assertThat(lookedUp).containsExactly("127.0.0.1");
    }

    @Test
    void theLastAddressIsToldInLibpqsWords() throws Exception {
        // Given
        names = Map.of("db.example", List.of("127.0.0.3", "127.0.0.2"));

        // When
        PgException reason = refusal("host=db.example port=" + upstream.port());

        // Then
        assertThat(reason.message())
                .isEqualTo("connection to server at \"db.example\" (127.0.0.2), port " + upstream.port()
                        + " failed: Connection refused\n"
                        + "\tIs the server running on that host and accepting TCP/IP connections?");
    }

    @Test
    void aStandbyIsTakenBeforeAPrimaryThatComesFirst() throws Exception {
        // Given
        ScriptedUpstream standby = opened(ScriptedUpstream.standby(MAJOR));

        // When
        UpstreamLogin login = connect("host=127.0.0.1,127.0.0.1 target_session_attrs=prefer-standby port="
                + upstream.port() + "," + standby.port());

        // Then
        assertThat(login.hostIndex()).isOne();
    }

    @Test
    void aPrimaryIsTakenInTheSecondPassWhereNoHostIsAStandby() throws Exception {
        // Given
        ScriptedUpstream second = opened(new ScriptedUpstream(MAJOR));
        String hosts = "host=127.0.0.1,127.0.0.1 port=" + upstream.port() + "," + second.port();

        // When
        UpstreamLogin login = connect(hosts + " target_session_attrs=prefer-standby");

        // Then
        assertThat(login.hostIndex()).isZero();
        assertThat(login.channel().isActive()).isTrue();
        upstream.accept().expectEnd();
        second.accept().expectEnd();
        assertThat(upstream.accept()).isNotNull();
        assertThat(refusal(hosts + " target_session_attrs=standby").message())
                .endsWith("failed: server is not in hot standby mode");
    }
}
