package io.walrelay.wire.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServerContextTest {
    private static final TestAuthority AUTHORITY = TestAuthority.named("root");
    private static final TestAuthority.Issued SERVER = AUTHORITY.server("localhost");

    private static ServerContext server(Optional<CertificateTrust> trust, String ciphers) throws Exception {
        Identity identity =
                new Identity(List.of(SERVER.certificate()), SERVER.keys().getPrivate());
        return ServerContext.of(identity, trust, TlsVersion.TLS_1_2, TlsVersion.TLS_1_3, ciphers);
    }

    private static SslContextBuilder client() {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(AUTHORITY.root().certificate())
                .endpointIdentificationAlgorithm("");
    }

    /** Both ends of a connection; what one writes the other reads. */
    private record Pair(EmbeddedChannel server, EmbeddedChannel client) {
        static Pair of(ServerContext context, SslContext client) {
            EmbeddedChannel serverEnd = new EmbeddedChannel();
            serverEnd.pipeline().addFirst(context.handler(serverEnd.alloc(), true, Runnable::run));
            EmbeddedChannel clientEnd = new EmbeddedChannel();
            clientEnd.pipeline().addFirst(client.newHandler(clientEnd.alloc(), Runnable::run));
            Pair pair = new Pair(serverEnd, clientEnd);
            pair.exchange();
            return pair;
        }

        void exchange() {
            boolean moved = true;
            while (moved) {
                client.runPendingTasks();
                server.runPendingTasks();
                boolean there = move(client, server);
                boolean back = move(server, client);
                moved = there || back;
            }
        }

        private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
            @Nullable ByteBuf sent = from.readOutbound();
            if (sent == null) {
                return false;
            }
            if (to.isOpen()) {
                to.writeOneInbound(sent);
                to.flushInbound();
            } else {
                sent.release();
            }
            return true;
        }

        TlsSession session() {
            return TlsSession.of(serverHandler().engine().getSession());
        }

        SslHandler serverHandler() {
            return server.pipeline().get(SslHandler.class);
        }

        void close() {
            server.finishAndReleaseAll();
            client.finishAndReleaseAll();
        }
    }

    @Test
    void bytesGoThroughInBothDirections() throws Exception {
        Pair pair = Pair.of(server(Optional.empty(), CipherString.DEFAULT), client().build());

        pair.server().writeOutbound(Unpooled.copiedBuffer("WAL", StandardCharsets.US_ASCII));
        pair.exchange();

        ByteBuf received = pair.client().readInbound();
        assertThat(received.toString(StandardCharsets.US_ASCII)).isEqualTo("WAL");
        assertThat(pair.session().version()).isEqualTo("TLSv1.3");
        assertThat(pair.session().client()).isEmpty();
        received.release();
        pair.close();
    }

    @Test
    void whatWaitsToBeEncryptedCountsAgainstTheChannel() throws Exception {
        // Given
        Pair pair = Pair.of(server(Optional.empty(), CipherString.DEFAULT), client().build());
        pair.server().config().setWriteBufferWaterMark(new WriteBufferWaterMark(1024, 2048));

        // When
        pair.server().write(Unpooled.directBuffer().writeZero(4096));

        // Then
        assertThat(pair.server().isWritable()).isFalse();
        pair.server().flush();
        assertThat(pair.server().isWritable()).isTrue();
        pair.close();
    }

    @Test
    void aMessageOfWalIsEncryptedIntoTwoBuffersAtMost() throws Exception {
        // Given
        Pair pair = Pair.of(server(Optional.empty(), CipherString.DEFAULT), client().build());
        int length = (128 << 10) + 30;

        // When
        pair.server().writeOutbound(Unpooled.directBuffer().writeZero(length));

        // Then
        assertThat(pair.server().outboundMessages()).hasSizeLessThanOrEqualTo(OpenSsl.isAvailable() ? 2 : 9);
        pair.exchange();
        int received = 0;
        for (ByteBuf part = pair.client().readInbound();
                part != null;
                part = pair.client().readInbound()) {
            received += part.readableBytes();
            part.release();
        }
        assertThat(received).isEqualTo(length);
        pair.close();
    }

    @Test
    void theServersOrderOfCiphersCountsForTls12() throws Exception {
        Pair pair = Pair.of(
                server(Optional.empty(), "AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"),
                client().protocols("TLSv1.2").build());

        assertThat(pair.session())
                .isEqualTo(new TlsSession("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 128, Optional.empty()));
        pair.close();
    }

    @Test
    void theCertificateOfAClientIsShownAsPostgreSqlShowsIt() throws Exception {
        TestAuthority.Issued alice = AUTHORITY.client("C=DE, O=Wal\\, Inc, CN=alice");
        Pair pair = Pair.of(
                server(Optional.of(trust()), CipherString.DEFAULT),
                client().keyManager(alice.keys().getPrivate(), alice.certificate())
                        .build());

        assertThat(pair.session().client())
                .contains(new TlsSession.ClientCertificate(
                        Optional.of("alice"),
                        "/C=DE/O=Wal\\, Inc/CN=alice",
                        "CN=alice,O=Wal\\, Inc,C=DE",
                        alice.certificate().getSerialNumber(),
                        "/CN=root"));
        pair.close();
    }

    @Test
    void aClientWithoutACertificateIsLetThrough() throws Exception {
        Pair pair = Pair.of(server(Optional.of(trust()), CipherString.DEFAULT), client().build());

        assertThat(pair.session().client()).isEmpty();
        pair.close();
    }

    @Test
    void aCertificateOfAnotherAuthorityOfThatNameIsRefused() throws Exception {
        assertThat(refusal(TestAuthority.named("root").client("CN=alice"))).contains("certificate signature failure");
    }

    @Test
    void anExpiredCertificateIsRefused() throws Exception {
        assertThat(refusal(AUTHORITY.expiredClient("CN=alice"))).contains("certificate has expired");
    }

    @Test
    void aServersCertificateIsNoClients() throws Exception {
        assertThat(refusal(AUTHORITY.server("alice"))).contains("unsuitable certificate purpose");
    }

    private static CertificateTrust trust() throws TlsFileException {
        return CertificateTrust.of(List.of(AUTHORITY.root().certificate()), List.of());
    }

    private static Optional<String> refusal(TestAuthority.Issued certificate) throws Exception {
        EmbeddedChannel serverEnd = new EmbeddedChannel();
        SslHandler handler =
                server(Optional.of(trust()), CipherString.DEFAULT).handler(serverEnd.alloc(), false, Runnable::run);
        serverEnd.pipeline().addFirst(handler);
        EmbeddedChannel clientEnd =
                new EmbeddedChannel(client().keyManager(certificate.keys().getPrivate(), certificate.certificate())
                        .build()
                        .newHandler(serverEnd.alloc(), Runnable::run));
        Pair pair = new Pair(serverEnd, clientEnd);
        // What the handler throws besides is what its future tells.
        Throwable thrown = catchThrowable(pair::exchange);
        TlsFailure failure = TlsFailure.of(
                Optional.ofNullable(handler.handshakeFuture().cause()).orElse(thrown));
        assertThat(failure.words()).isEqualTo("certificate verify failed");
        assertThat(handler.handshakeFuture().isSuccess()).isFalse();
        pair.close();
        return failure.certificate();
    }
}
