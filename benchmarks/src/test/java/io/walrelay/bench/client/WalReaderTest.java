package io.walrelay.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WalReaderTest {
    private static ByteBuf xlogData(long start, int length) {
        return Unpooled.buffer()
                .writeByte('d')
                .writeInt(4 + 25 + length)
                .writeByte('w')
                .writeLong(start)
                .writeLong(start + length)
                .writeLong(0)
                .writeZero(length);
    }

    private static ByteBuf keepalive() {
        return Unpooled.buffer()
                .writeByte('d')
                .writeInt(4 + 18)
                .writeByte('k')
                .writeLong(Long.MAX_VALUE)
                .writeLong(0)
                .writeByte(1);
    }

    private static ByteBuf stream() {
        return Unpooled.wrappedBuffer(xlogData(1000, 40), keepalive(), xlogData(1040, 300));
    }

    @Test
    void wholeMessagesCountWhereverTheStreamIsCut() {
        int length = stream().readableBytes();
        for (int cut = 0; cut <= length; cut++) {
            // Given
            Arrivals arrivals = new Arrivals();
            WalReader reader = new WalReader(arrivals);
            CompletableFuture<Void> arrival = reader.arrival(1340);
            EmbeddedChannel channel = new EmbeddedChannel(reader);
            ByteBuf stream = stream();

            // When
            channel.writeInbound(stream.readRetainedSlice(cut));
            assertThat(arrival.isDone()).as("cut at %d", cut).isEqualTo(cut == length);
            channel.writeInbound(stream.readRetainedSlice(length - cut));
            stream.release();

            // Then
            assertThat(arrival).as("cut at %d", cut).isCompleted();
            assertThat(arrivals.last()).isEqualTo(1340);
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void anErrorEndsTheWaiting() {
        // Given
        WalReader reader = new WalReader(null);
        CompletableFuture<Void> arrival = reader.arrival(5000);
        EmbeddedChannel channel = new EmbeddedChannel(reader);

        // When
        channel.writeInbound(
                Unpooled.copiedBuffer(new byte[] {'E', 0, 0, 0, 40, 'S', 'F', 'A', 'T', 'A', 'L', 0, 'C', 'X'}));

        // Then
        assertThat(arrival).isCompletedExceptionally();
        channel.finishAndReleaseAll();
    }

    @Test
    void theEndOfTheConnectionEndsTheWaiting() {
        // Given
        WalReader reader = new WalReader(null);
        CompletableFuture<Void> arrival = reader.arrival(5000);
        EmbeddedChannel channel = new EmbeddedChannel(reader);

        // When
        channel.close();

        // Then
        assertThat(arrival).isCompletedExceptionally();
    }

    @Test
    void arrivalIsThatOfTheFirstMessageThatReachesBehindAPosition() {
        // Given
        Arrivals arrivals = new Arrivals();
        long before = System.nanoTime();
        arrivals.add(100);
        long between = System.nanoTime();
        for (int i = 2; i <= 10_000; i++) {
            arrivals.add(i * 100L);
        }

        // Then
        assertThat(arrivals.firstBehind(99)).isBetween(before, between);
        assertThat(arrivals.firstBehind(100)).isGreaterThanOrEqualTo(between);
        assertThat(arrivals.firstBehind(999_999)).isLessThanOrEqualTo(System.nanoTime());
        assertThatThrownBy(() -> arrivals.firstBehind(1_000_000)).isInstanceOf(IllegalArgumentException.class);
    }
}
