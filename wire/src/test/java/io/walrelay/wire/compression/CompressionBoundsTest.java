package io.walrelay.wire.compression;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A hostile server cannot make its client take memory, nor a greedy client its server take time. */
class CompressionBoundsTest {
    private static final byte[] BEGIN = {'W', 0, 0, 0, 7, 0, 0, 0};
    private static final int CHUNK = 64 << 10;

    private static byte[] copyData(byte[] compressed) {
        return ByteBuffer.allocate(5 + compressed.length)
                .put((byte) 'd')
                .putInt(4 + compressed.length)
                .put(compressed)
                .array();
    }

    @Test
    void aLittleInputThatBecomesMuchIsGivenOutStepByStep() {
        // Given
        byte[] zeros = new byte[CHUNK];
        byte[] bomb;
        int messages = 1000;
        try (CompressedCopy server = new CompressedCopy()) {
            server.begin();
            for (int i = 0; i < messages; i++) {
                server.framed(zeros);
                server.channel.runScheduledPendingTasks();
            }
            bomb = server.flush().wire();
        }
        assertThat(bomb).hasSizeLessThan(16 << 10);
        try (Client client = new Client()) {
            client.channel.freezeTime();
            // When
            client.receive(bomb);
            // Then
            assertThat(client.seen).hasSizeBetween(2, CopyDecompressor.STEP / CHUNK + 5);
            assertThat(client.channel.config().isAutoRead()).isFalse();
            // When
            client.letOthersHaveTheirTurns();
            // Then
            assertThat(client.seen).hasSize(1 + messages);
            assertThat(client.mostAtOnce).isLessThanOrEqualTo(CopyDecompressor.STEP + MessageBuffer.BUFFER);
            assertThat(client.channel.config().isAutoRead()).isTrue();
        }
    }

    @Test
    void aMessageThatIsLongerThanAnyRelaySendsIsRefused() {
        // Given
        byte[] announced = ByteBuffer.allocate(5)
                .put((byte) 'd')
                .putInt(MessageBuffer.MAX_MESSAGE + 1)
                .array();
        try (Client client = new Client()) {
            // When
            client.receive(BEGIN).receive(copyData(Zstd.compress(announced)));
            // Then
            assertThat(client.seen)
                    .endsWith("08P01 invalid message in compressed data from upstream server: got message type \"d\","
                            + " length 1048577");
        }
    }

    @Test
    void anotherMessageThanCopyDataIsRefused() {
        // Given
        byte[] ready = {'Z', 0, 0, 0, 5, 'I'};
        try (Client client = new Client()) {
            // When
            client.receive(BEGIN).receive(copyData(Zstd.compress(ready)));
            // Then
            assertThat(client.seen)
                    .endsWith("08P01 invalid message in compressed data from upstream server: got message type \"Z\","
                            + " length 5");
        }
    }

    @Test
    void aStreamThatRefersBackFurtherThanMemoryIsGivenIsRefused() {
        // Given
        try (ZstdCompressCtx far = new ZstdCompressCtx();
                Client client = new Client()) {
            far.setContentSize(false).setWindowLog(24);
            byte[] compressed = new byte[1 << 20];
            ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
            far.compressDirectByteBufferStream(
                    target, ByteBuffer.allocateDirect(1000), com.github.luben.zstd.EndDirective.FLUSH);
            target.flip().get(compressed, 0, target.limit());
            // When
            client.receive(BEGIN).receive(copyData(compressed));
            // Then
            assertThat(client.seen)
                    .endsWith("08P01 invalid compressed data received from upstream server:"
                            + " Frame requires too much memory for decoding");
        }
    }

    @Test
    void aSenderWaitsForTheLoopsOtherChannelsAfterEachTurn() {
        // Given
        try (CompressedCopy server = new CompressedCopy()) {
            server.channel.freezeTime();
            server.begin();
            // When
            int taken = 0;
            while (server.channel.isWritable()) {
                server.framed(new byte[CHUNK]);
                taken += CHUNK;
            }
            // Then
            assertThat(taken).isBetween(CopyCompressor.TURN, CopyCompressor.TURN + CHUNK);
            // When
            server.channel.unfreezeTime();
            server.channel.runScheduledPendingTasks();
            // Then
            assertThat(server.channel.isWritable()).isTrue();
        }
    }

    @Test
    void aTurnThatOutlivesItsCopyLeavesTheChannelWritable() {
        // Given
        try (CompressedCopy server = new CompressedCopy()) {
            server.channel.freezeTime();
            server.begin().framed(new byte[CopyCompressor.TURN]);
            assertThat(server.channel.isWritable()).isFalse();
            // When
            server.plain(new io.walrelay.wire.message.BackendMessage.CopyDone()).flush();
            server.channel.unfreezeTime();
            server.channel.runScheduledPendingTasks();
            // Then
            assertThat(server.channel.isWritable()).isTrue();
        }
    }
}
