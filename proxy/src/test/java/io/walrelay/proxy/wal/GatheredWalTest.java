package io.walrelay.proxy.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.storage.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatheredWalTest {
    @TempDir
    private Path directory;

    @Test
    void writesSmallAndLargePiecesInTheirOrderWhateverBecomesOfTheirBuffers() throws IOException {
        // Given
        byte[] wal = new byte[4 << 20];
        Random random = new Random(5);
        random.nextBytes(wal);
        Path path = directory.resolve("file");
        GatheredWal gathered = new GatheredWal();
        int writes = 0;

        // When
        try (StoredFile file = new LocalStorage().create(path)) {
            int written = 0;
            int at = 0;
            while (at < wal.length) {
                int most = random.nextInt(4) == 0 ? 4 * GatheredWal.SMALL : 700;
                int length = Math.min(1 + random.nextInt(most), wal.length - at);
                if (gathered.isFullFor(length)) {
                    gathered.writeTo(file, written);
                    gathered.clear();
                    written = at;
                    writes++;
                }
                add(gathered, random.nextBoolean(), wal, at, length);
                at += length;
            }
            gathered.writeTo(file, written);
            gathered.clear();
        }

        // Then
        assertThat(Files.readAllBytes(path)).isEqualTo(wal);
        assertThat(writes).isGreaterThan(10);
        assertThat(gathered.isEmpty()).isTrue();
    }

    /** From a buffer, or a chain of two, which its owner writes over as soon as he has it for himself. */
    private static void add(GatheredWal gathered, boolean chain, byte[] wal, int at, int length) {
        ByteBuf piece = chain
                ? Unpooled.wrappedBuffer(
                        Unpooled.copiedBuffer(wal, at, length / 2),
                        Unpooled.copiedBuffer(wal, at + length / 2, length - length / 2))
                : Unpooled.directBuffer()
                        .writeZero(3)
                        .writeBytes(wal, at, length)
                        .skipBytes(3);
        gathered.add(piece, piece.readerIndex(), length);
        if (piece.refCnt() == 1) {
            for (int i = 0; i < length; i++) {
                piece.setByte(piece.readerIndex() + i, 0);
            }
        }
        piece.release();
    }

    @Test
    void letsGoOfTheBuffersWhenItIsCleared() {
        // Given
        GatheredWal gathered = new GatheredWal();
        ByteBuf large = Unpooled.directBuffer().writeZero(GatheredWal.SMALL + 1);
        ByteBuf small = Unpooled.directBuffer().writeZero(GatheredWal.SMALL);

        // When
        gathered.add(large, 0, large.readableBytes());
        gathered.add(small, 0, small.readableBytes());

        // Then
        assertThat(large.refCnt()).isEqualTo(2);
        assertThat(small.refCnt()).isEqualTo(1);
        gathered.clear();
        assertThat(large.release()).isTrue();
        assertThat(small.release()).isTrue();
        assertThat(gathered.isEmpty()).isTrue();
    }
}
