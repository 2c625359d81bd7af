package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.wire.message.BackendMessage.CopyData;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads as a channel's transport does: into a buffer that it asks for, and then gives to the first handler. */
class ReceiveBufferTest {
    private final Random random = new Random(11);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final BackendDecoder decoder = new BackendDecoder(BackendLimits.DEFAULT, ReceiveBuffer.install(channel));

    @SuppressWarnings("NullAway.Init") // set before each test
    private ExtendedHandle reads;

    @BeforeEach
    void authenticate() {
        channel.pipeline().addLast(decoder);
        channel.writeInbound(Unpooled.wrappedBuffer(Bytes.message('R', 0)));
        channel.releaseInbound();
        reads = (ExtendedHandle) channel.config().getRecvByteBufAllocator().newHandle();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(channel.finish()).isFalse();
    }

    /** One read of what a socket holds; gives the buffer it was read into. */
    private ByteBuf read(ByteBuf socket) {
        ByteBuf into = reads.allocate(channel.alloc());
        into.writeBytes(socket, Math.min(socket.readableBytes(), into.writableBytes()));
        channel.writeInbound(into);
        return into;
    }

    private static ByteBuf whole(ByteBuf slice) {
        ByteBuf all = slice;
        for (ByteBuf next = slice.unwrap(); next != null; next = next.unwrap()) {
            all = next;
        }
        return all;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void allIsReadIntoOneBufferInWhichEachMessageLiesInOnePiece() {
        // Given
        List<byte[]> sent = new ArrayList<>();
        List<byte[]> taken = new ArrayList<>();
        decoder.giveCopyDataTo((received, index, length) -> {
            assertThat(received.nioBufferCount()).isEqualTo(1);
            taken.add(ByteBufUtil.getBytes(received, index, length));
        });
        ByteBuf all = Unpooled.buffer();
        for (int i = 0; i < 400; i++) {
            byte[] payload = bytes(random.nextInt(4) == 0 ? 128 << 10 : random.nextInt(9000));
            sent.add(payload);
            all.writeBytes(Bytes.message('d', payload));
        }

        // When they come as the network brings them
        ByteBuf buffer = read(Unpooled.EMPTY_BUFFER);
        while (all.isReadable()) {
            int arrived = random.nextInt(3) == 0 ? ReceiveBuffer.CAPACITY : 1 + random.nextInt(40_000);
            ByteBuf socket = all.readSlice(Math.min(arrived, all.readableBytes()));
            while (socket.isReadable()) {
                assertThat(read(socket)).isSameAs(buffer);
            }
        }

        // Then
        assertThat(taken).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertThat(taken.get(i)).isEqualTo(sent.get(i));
        }
        channel.close();
        assertThat(buffer.refCnt()).isZero();
    }

    @Test
    void whatSomebodyKeepsIsNotWrittenOver() {
        // Given
        List<byte[]> sent = new ArrayList<>();
        List<CopyData> kept = new ArrayList<>();
        ByteBuf all = Unpooled.buffer();
        for (int i = 0; i < 60; i++) {
            byte[] payload = bytes(100_000);
            sent.add(payload);
            all.writeBytes(Bytes.message('d', payload));
        }

        // When
        while (all.isReadable()) {
            read(all);
            for (CopyData next = channel.readInbound(); next != null; next = channel.readInbound()) {
                kept.add(next);
            }
        }
        channel.close();

        // Then
        assertThat(kept).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertThat(ByteBufUtil.getBytes(kept.get(i).data())).isEqualTo(sent.get(i));
        }
        kept.forEach(CopyData::release);
        assertThat(kept).allMatch(copy -> copy.data().refCnt() == 0);
    }

    @Test
    void whatSomebodyKeepsForAWhileIsNotWrittenOverInThatTime() {
        // Given
        Deque<byte[]> sent = new ArrayDeque<>();
        Deque<CopyData> kept = new ArrayDeque<>();
        ByteBuf all = Unpooled.buffer();
        for (int i = 0; i < 2000; i++) {
            byte[] payload = bytes(random.nextInt(4) == 0 ? 100_000 : random.nextInt(9000));
            sent.add(payload);
            all.writeBytes(Bytes.message('d', payload));
        }

        // When
        while (all.isReadable()) {
            read(all.readSlice(Math.min(1 + random.nextInt(ReceiveBuffer.LEAST), all.readableBytes())));
            for (CopyData next = channel.readInbound(); next != null; next = channel.readInbound()) {
                // Then nothing has grown for it
                assertThat(next.data().nioBufferCount()).isEqualTo(1);
                assertThat(whole(next.data()).maxCapacity()).isEqualTo(ReceiveBuffer.CAPACITY);
                kept.add(next);
            }
            int leave = random.nextInt(12);
            while (kept.size() > leave) {
                CopyData oldest = kept.remove();
                assertThat(ByteBufUtil.getBytes(oldest.data())).isEqualTo(sent.remove());
                oldest.release();
            }
        }
        channel.close();
        kept.forEach(CopyData::release);
    }

    @Test
    void whatIsLongerThanTheBufferComesNevertheless() {
        // Given
        byte[] payload = bytes(3 * ReceiveBuffer.CAPACITY);
        ByteBuf all = Unpooled.wrappedBuffer(Bytes.of(Bytes.message('d', payload), Bytes.message('d', "next")));

        // When
        while (all.isReadable()) {
            read(all);
        }

        // Then
        CopyData longer = channel.readInbound();
        assertThat(ByteBufUtil.getBytes(longer.data())).isEqualTo(payload);
        longer.release();
        CopyData next = channel.readInbound();
        assertThat(ByteBufUtil.getBytes(next.data())).isEqualTo(Bytes.of("next"));
        next.release();
    }
}
