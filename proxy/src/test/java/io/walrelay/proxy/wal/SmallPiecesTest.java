package io.walrelay.proxy.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.walrelay.proxy.storage.LocalStorage;
import io.walrelay.proxy.storage.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallPiecesTest {
    @TempDir
    private Path directory;

    @Test
    void areWrittenInTheirOrderWhateverHasBecomeOfTheirBuffers() throws IOException {
        // Given
        byte[] wal = new byte[1 << 20];
        Random random = new Random(5);
        random.nextBytes(wal);
        Path path = directory.resolve("file");
        SmallPieces pieces = new SmallPieces();
        int writes = 0;

        // When
        try (StoredFile file = new LocalStorage().create(path)) {
            int written = 0;
            for (int at = 0; at < wal.length; ) {
                int most = random.nextInt(4) == 0 ? SmallPieces.SMALL : 700;
                int length = Math.min(1 + random.nextInt(most), wal.length - at);
                if (pieces.isFullFor(length)) {
                    written += write(pieces, file, written);
                    writes++;
                }
                add(pieces, random.nextBoolean(), wal, at, length);
                at += length;
            }
            write(pieces, file, written);
        }

        // Then
        assertThat(Files.readAllBytes(path)).isEqualTo(wal);
        assertThat(writes).isGreaterThan(10);
        assertThat(pieces.isEmpty()).isTrue();
    }

    private static int write(SmallPieces pieces, StoredFile file, int position) throws IOException {
        ByteBuffer content = pieces.content();
        int length = content.remaining();
        file.write(position, content);
        pieces.clear();
        return length;
    }

    /** From a buffer, or a chain of two, which are written over as soon as the piece has been added. */
    private static void add(SmallPieces pieces, boolean chain, byte[] wal, int at, int length) {
        ByteBuf piece = chain
                ? Unpooled.wrappedBuffer(
                        Unpooled.copiedBuffer(wal, at, length / 2),
                        Unpooled.copiedBuffer(wal, at + length / 2, length - length / 2))
                : Unpooled.directBuffer()
                        .writeZero(3)
                        .writeBytes(wal, at, length)
                        .skipBytes(3);
        pieces.add(piece, piece.readerIndex(), length);
        for (int i = 0; i < length; i++) {
            piece.setByte(piece.readerIndex() + i, 0);
        }
        assertThat(piece.release()).isTrue();
    }

    @Test
    void areForgottenWhenTheyAreCleared() {
        // Given
        SmallPieces pieces = new SmallPieces();
        pieces.add(Unpooled.directBuffer().writeZero(SmallPieces.SMALL), 0, SmallPieces.SMALL);

        // When
        pieces.clear();

        // Then
        assertThat(pieces.isEmpty()).isTrue();
        assertThat(pieces.isFullFor(SmallPieces.SMALL)).isFalse();
    }
}
