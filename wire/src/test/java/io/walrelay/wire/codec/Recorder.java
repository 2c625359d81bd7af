package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SilentCloseException;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The end of a pipeline under test: keeps messages and failures in their order, and releases what is counted. */
final class Recorder extends ChannelInboundHandlerAdapter {
    /** A CopyData that has been released. */
    record Copied(String hex) {}

    /** A failure, without its stack trace. */
    record Failure(String text) {
        static Failure of(PgException e) {
            return new Failure(e.severity() + " " + e.sqlState() + " " + e.message());
        }

        static Failure silent(String reason) {
            return new Failure("silent: " + reason);
        }
    }

    private final List<Object> seen = new ArrayList<>();

    List<Object> seen() {
        return seen;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            seen.add(
                    switch (message) {
                        case FrontendMessage.CopyData copy -> copied(copy.data());
                        case BackendMessage.CopyData copy -> copied(copy.data());
                        case ByteBuf bytes -> copied(bytes);
                        default -> message;
                    });
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private static Copied copied(ByteBuf data) {
        return new Copied(ByteBufUtil.hexDump(data));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        seen.add(
                switch (cause) {
                    case PgException e -> Failure.of(e);
                    case SilentCloseException e -> Failure.silent(e.reason());
                    default -> new Failure("unexpected " + cause);
                });
    }

    /** What comes of {@code bytes}, however they are cut: whole, in two parts at each position, one by one. */
    static List<Object> decode(Supplier<? extends ChannelHandler> decoder, byte[] bytes) {
        List<Object> whole = decodeInParts(decoder, bytes, bytes.length);
        for (int cut = 1; cut < bytes.length; cut++) {
            assertThat(decodeInParts(decoder, bytes, cut, bytes.length - cut))
                    .as("cut at %s", cut)
                    .usingRecursiveComparison()
                    .isEqualTo(whole);
        }
        int[] ones = new int[bytes.length];
        java.util.Arrays.fill(ones, 1);
        assertThat(decodeInParts(decoder, bytes, ones))
                .as("byte by byte")
                .usingRecursiveComparison()
                .isEqualTo(whole);
        return whole;
    }

    static List<Object> decodeInParts(Supplier<? extends ChannelHandler> decoder, byte[] bytes, int... lengths) {
        Recorder recorder = new Recorder();
        EmbeddedChannel channel = new EmbeddedChannel(decoder.get(), recorder);
        List<ByteBuf> inputs = new ArrayList<>();
        int position = 0;
        for (int length : lengths) {
            ByteBuf input = channel.alloc().buffer(length).writeBytes(bytes, position, length);
            position += length;
            inputs.add(input);
            channel.writeInbound(input);
        }
        assertThat(channel.finish()).isFalse();
        assertThat(inputs).allSatisfy(input -> assertThat(input.refCnt()).isZero());
        return recorder.seen();
    }
}
