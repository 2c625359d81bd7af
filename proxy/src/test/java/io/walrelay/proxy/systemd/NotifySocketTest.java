package io.walrelay.proxy.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.walrelay.proxy.transport.Transport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NotifySocketTest {
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // before each test
    private EventLoopGroup loops;

    @BeforeEach
    void start() {
        loops = Transport.best().eventLoops(1, "notify-test");
    }

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void serviceManagerIsToldWhatHappens(boolean isAbstract) throws Exception {
        // Given
        assumeTrue(Transport.best().domainDatagram().isPresent(), "Netty's native epoll transport is not available");
        String name = directory.resolve("notify").toString();
        Channel manager = serviceManager(isAbstract ? "\0" + name : name);

        // When
        try (NotifySocket socket = open(isAbstract ? "@" + name : name)) {
            socket.ready();
            socket.status("walsender standby1 streaming 0/3000060");
            socket.status("walsender standby1 streaming 0/3000060");
            socket.reloading();
            socket.stopping();
        }

        // Then
        assertThat(next()).isEqualTo("READY=1");
        assertThat(next()).isEqualTo("STATUS=walsender standby1 streaming 0/3000060");
        assertThat(next()).matches("RELOADING=1\nMONOTONIC_USEC=\\d+");
        assertThat(next()).isEqualTo("STOPPING=1");
        manager.close().syncUninterruptibly();
    }

    @Test
    void nothingIsToldWhereNobodyListens() {
        // Given
        String nowhere = directory.resolve("nowhere").toString();

        // When
        try (NotifySocket gone = open(nowhere);
                NotifySocket none = NotifySocket.open(null, Transport.best(), loops.next())) {
            gone.ready();
            none.ready();
        }

        // Then
        assertThat(told).isEmpty();
    }

    private NotifySocket open(String path) {
        return NotifySocket.open(path, Transport.best(), loops.next());
    }

    private String next() throws InterruptedException {
        String message = told.poll(10, TimeUnit.SECONDS);
        return message == null ? "nothing" : message;
    }

    private Channel serviceManager(String path) {
        return new Bootstrap()
                .group(loops)
                .channel(Transport.best().domainDatagram().orElseThrow())
                .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, DomainDatagramPacket packet) {
                        told.add(packet.content().toString(StandardCharsets.UTF_8));
                    }
                })
                .bind(new DomainSocketAddress(path))
                .syncUninterruptibly()
                .channel();
    }
}
