package io.walrelay.proxy.walsender;

import static io.walrelay.proxy.fixture.SampleCluster.FIRST;
import static io.walrelay.proxy.fixture.SampleCluster.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FileRegion;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.transport.Transport;
import io.walrelay.proxy.wal.WalSegment;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.WalFileName;
import io.walrelay.replication.wal.WalBuilder;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Regions that are used again, sent by the kernel over real sockets that take little at a time. */
@ParameterizedClass
@EnumSource(Transport.class)
final class SegmentRegionsTest {
    private static final int SIZE = WalBuilder.SEGMENT.bytes();
    private static final int LENGTH = 60_001;
    private static final int AT_ONCE = 4;

    private final Transport transport;

    @TempDir
    private Path directory;

    private final byte[] wal = new byte[SIZE];
    private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
    private final MultiThreadIoEventLoopGroup loop;
    private final Socket client = new Socket();

    @SuppressWarnings("NullAway.Init") // before each test
    private WalStore store;

    @SuppressWarnings("NullAway.Init") // before each test
    private WalSegment segment;

    @SuppressWarnings("NullAway.Init") // before each test
    private SegmentRegions regions;

    @SuppressWarnings("NullAway.Init") // before each test
    private Channel channel;

    SegmentRegionsTest(Transport transport) {
        this.transport = transport;
        this.loop = transport.eventLoops(1, "regions-test");
    }

    @BeforeEach
    void connect() throws Exception {
        new Random(1).nextBytes(wal);
        store = SampleCluster.store(new LocalStorage(), directory);
        SampleCluster.receive(store, wal);
        segment = store.directory().openToRead(new WalFileName(FIRST, WalBuilder.SEGMENT.segmentNumber(START)));
        regions = new SegmentRegions(segment, SIZE);
        Channel server = new ServerBootstrap()
                .group(loop)
                .channel(transport.serverSocket())
                .childOption(ChannelOption.SO_SNDBUF, 16 << 10)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline().addLast(new ChannelInboundHandlerAdapter());
                        accepted.complete(child);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        client.setReceiveBufferSize(16 << 10);
        client.connect(server.localAddress());
        client.setSoTimeout(30_000);
        channel = accepted.get();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        loop.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        store.close();
    }

    private interface OnLoop<T> {
        T call() throws Exception;
    }

    private <T> T onLoop(OnLoop<T> task) throws Exception {
        return channel.eventLoop().submit(task::call).get();
    }

    @Test
    void eachStretchArrivesThoughTheRegionHasSentOthersBefore() throws Exception {
        // Given
        Set<FileRegion> used = Collections.newSetFromMap(new IdentityHashMap<>());
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        ByteArrayOutputStream arrived = new ByteArrayOutputStream();

        // When
        for (int offset = 7; offset + AT_ONCE * LENGTH < SIZE; offset += AT_ONCE * LENGTH + 3) {
            int from = offset;
            ChannelFuture last = onLoop(() -> {
                for (int i = 0; i < AT_ONCE - 1; i++) {
                    channel.write(added(used, regions.region(from + i * LENGTH, LENGTH)));
                }
                return channel.writeAndFlush(added(used, regions.region(from + (AT_ONCE - 1) * LENGTH, LENGTH)));
            });
            expected.write(wal, from, AT_ONCE * LENGTH);
            arrived.write(client.getInputStream().readNBytes(AT_ONCE * LENGTH));
            last.sync();
        }

        // Then
        assertThat(Arrays.equals(arrived.toByteArray(), expected.toByteArray())).isTrue();
        assertThat(arrived.size()).isGreaterThan(3 * AT_ONCE * LENGTH);
        assertThat(used).hasSize(AT_ONCE);
        regions.close();
        assertThat(segment.refCnt()).isZero();
    }

    private static FileRegion added(Set<FileRegion> used, FileRegion region) {
        used.add(region);
        return region;
    }

    @Test
    void theFileIsOpenUntilWhatWaitsHasBeenSent() throws Exception {
        // Given
        ChannelFuture last = onLoop(() -> channel.writeAndFlush(regions.region(0, SIZE)));

        // When
        onLoop(() -> {
            regions.close();
            return true;
        });
        int waiting = segment.refCnt();
        byte[] arrived = client.getInputStream().readNBytes(SIZE);
        last.sync();

        // Then
        assertThat(waiting).isOne();
        assertThat(Arrays.equals(arrived, wal)).isTrue();
        assertThat(segment.refCnt()).isZero();
    }

    @Test
    void theFileIsClosedIfTheConnectionIsLostWhileRegionsWait() throws Exception {
        // Given
        onLoop(() -> {
            channel.write(regions.region(0, SIZE / 2));
            return channel.writeAndFlush(regions.region(SIZE / 2, SIZE / 2));
        });

        // When
        channel.close().sync();

        // Then, when the loop has done with what waited
        onLoop(() -> {
            regions.close();
            return true;
        });
        assertThat(segment.refCnt()).isZero();
    }
}
