package io.walrelay.proxy.walsender;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.proxy.config.WalSendAfter;
import io.walrelay.proxy.fixture.Frame;
import io.walrelay.proxy.fixture.SampleCluster;
import io.walrelay.proxy.fixture.WatchedStorage;
import io.walrelay.proxy.slot.ReplicationSlot;
import io.walrelay.proxy.wal.WalStore;
import io.walrelay.replication.Lsn;
import io.walrelay.replication.TimelineId;
import io.walrelay.replication.copyboth.StandbyMessage;
import io.walrelay.replication.copyboth.StandbyMessageCodec;
import io.walrelay.wire.codec.BackendEncoder;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.FrontendMessage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of a sender on an embedded channel, whose socket takes what it is told to take. */
abstract class SenderTest {
    private static final SenderClient CLIENT = SampleClients.named("standby1");

    @TempDir
    Path directory;

    final WatchedStorage storage = new WatchedStorage();
    final Gate gate = new Gate();
    final EmbeddedChannel channel = new EmbeddedChannel(new BackendEncoder(), gate, new Session());
    final Ends end = new Ends();
    final SenderRegistry registry = new SenderRegistry();
    private final List<WalStore> opened = new ArrayList<>();
    private final List<SenderWakeups> wakeups = new ArrayList<>();
    private final List<WalSender> senders = new ArrayList<>();
    WalSendAfter sendAfter = WalSendAfter.WRITE;
    boolean wakesSenders = true;
    Supplier<Duration> timeout = () -> Duration.ZERO;

    /** A socket that takes nothing while it is shut. */
    static final class Gate extends ChannelOutboundHandlerAdapter {
        boolean shut;

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (!shut) {
                ctx.flush();
            }
        }
    }

    /** Wakes senders when the socket takes more, as a session does. */
    private final class Session extends ChannelInboundHandlerAdapter {
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (wakesSenders && ctx.channel().isWritable()) {
                List.copyOf(senders).forEach(WalSender::send);
            }
        }
    }

    /** How streams have ended. */
    static final class Ends implements WalSender.End {
        final List<String> seen = new ArrayList<>();
        final List<PgException> errors = new ArrayList<>();

        @Override
        public void copyDone(Optional<SendPosition.Historic> next) {
            seen.add("copy done, next " + next.map(Object::toString).orElse("none"));
        }

        @Override
        public void failed(PgException error) {
            seen.add(error.severity() + " " + error.sqlState() + " " + error.message());
            errors.add(error);
        }

        @Override
        public void fatal(PgException error) {
            seen.add(error.severity() + " " + error.sqlState() + " " + error.message());
        }

        @Override
        public void closeSilently(String reason) {
            seen.add("closed silently");
        }

        @Override
        public void drained() {
            seen.add("drained");
        }
    }

    @BeforeEach
    void open() throws Exception {
        opened.add(SampleCluster.store(storage, directory));
        wakeups.add(new SenderWakeups(store(), () -> sendAfter));
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(256 << 10, 512 << 10));
        MessageSizeEstimator.Handle sizes = message -> switch (message) {
            case ByteBuf buffer -> buffer.readableBytes();
            case FileRegion region -> (int) (region.count() - region.transferred());
            default -> 0;
        };
        channel.config().setMessageSizeEstimator(() -> sizes);
    }

    @AfterEach
    void close() {
        gate.shut = false;
        senders.forEach(WalSender::closed);
        storage.repair();
        opened.forEach(WalStore::close);
        channel.flush();
        Frame.sentBy(channel);
        assertThat(channel.finish()).isFalse();
    }

    WalStore store() {
        return opened.getFirst();
    }

    static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    WalSender sender(Lsn start) {
        return sender(start, Optional.empty(), Optional.empty());
    }

    WalSender sender(Lsn start, Optional<TimelineId> timeline, Optional<ReplicationSlot> slot) {
        WalSender sender = new WalSender(
                channel,
                store(),
                wakeups.getFirst(),
                SendPosition.of(store(), () -> sendAfter, timeline, start),
                start,
                slot,
                registry.add(CLIENT),
                () -> timeout.get(),
                Clock.systemUTC(),
                end);
        senders.add(sender);
        return sender;
    }

    WalSender begun(Lsn start) {
        WalSender sender = sender(start);
        sender.begin();
        channel.flush();
        assertThat(Frame.sentBy(channel)).startsWith(new Frame.Other('W'));
        return sender;
    }

    List<Frame> sent() {
        channel.runPendingTasks();
        return Frame.sentBy(channel);
    }

    static List<Frame.Wal> wal(List<Frame> frames) {
        return frames.stream()
                .filter(Frame.Wal.class::isInstance)
                .map(Frame.Wal.class::cast)
                .toList();
    }

    static byte[] contents(List<Frame.Wal> messages) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Lsn expected = messages.getFirst().start();
        for (Frame.Wal message : messages) {
            assertThat(message.start()).isEqualTo(expected);
            expected = message.end();
            out.writeBytes(message.data());
        }
        return out.toByteArray();
    }

    static FrontendMessage status(Lsn write, Lsn flush, Lsn apply, boolean replyRequested) {
        ByteBuf data = Unpooled.buffer();
        StandbyMessageCodec.write(
                data, new StandbyMessage.StatusUpdate(write, flush, apply, Long.MIN_VALUE, replyRequested));
        return new FrontendMessage.CopyData(data);
    }
}
