package io.walrelay.it.support;

import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.io.Closeable;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A client that begins to stream, and then its host is as good as gone: its kernel takes no packet of the connection,
 * so the server sees neither FIN nor RST, and none of what it sends is acknowledged.
 *
 * <p>Linux does this for a socket with a filter that lets nothing through; see socket(7), SO_ATTACH_FILTER.
 */
public final class VanishingClient implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Enough to be in the midst of WAL. */
    private static final int STREAMING = 100_000;

    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26;
    private static final short BPF_RET = 6;
    private static final int SOCK_FPROG_BYTES = 16;
    private static final RawUnixChannelOption ATTACH_FILTER =
            new RawUnixChannelOption("SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER, SOCK_FPROG_BYTES);

    private final CountDownLatch vanished = new CountDownLatch(1);
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel channel;

    /** Logs in at a port of 127.0.0.1, and streams with {@code command}. */
    public VanishingClient(int port, String command) {
        channel = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                    private long received;

                    @Override
                    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
                        received += message.readableBytes();
                        if (received > STREAMING && vanished.getCount() > 0) {
                            letNothingThrough(context.channel());
                            vanished.countDown();
                        }
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port)
                .syncUninterruptibly()
                .channel();
        channel.write(packet(3 << 16, "user\0postgres\0replication\0true\0\0"));
        channel.write(Unpooled.buffer().writeByte('Q'));
        channel.writeAndFlush(packet(command + "\0"));
    }

    /** Waits until it has vanished in the midst of the stream. */
    public void awaitVanished() {
        await("a stream that breaks off").atMost(PATIENCE).until(() -> vanished.getCount() == 0);
    }

    private static void letNothingThrough(Channel channel) {
        ByteBuf filter =
                Unpooled.directBuffer(8).writeShortLE(BPF_RET).writeShortLE(0).writeIntLE(0);
        try {
            ByteBuffer program = ByteBuffer.allocateDirect(SOCK_FPROG_BYTES).order(ByteOrder.nativeOrder());
            program.putShort(0, (short) 1).putLong(8, filter.memoryAddress());
            if (!channel.config().setOption(ATTACH_FILTER, program)) {
                throw new IllegalStateException("no filter was attached");
            }
        } finally {
            filter.release();
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static ByteBuf packet(int code, String body) {
        return Unpooled.buffer()
                .writeInt(8 + body.length())
                .writeInt(code)
                .writeBytes(body.getBytes(StandardCharsets.US_ASCII));
    }

    private static ByteBuf packet(String body) {
        return Unpooled.buffer().writeInt(4 + body.length()).writeBytes(body.getBytes(StandardCharsets.US_ASCII));
    }
}
