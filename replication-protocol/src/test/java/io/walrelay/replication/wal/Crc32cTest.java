package io.walrelay.replication.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Crc32cTest {
    @Test
    void givesTheKnownAnswer() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        Crc32c crc = new Crc32c();

        crc.update(digits, 0, digits.length);

        assertThat(crc.value()).isEqualTo(0xE3069283);
    }

    @Test
    void isTheSameForEveryKindOfBufferAndInPieces() {
        // Given
        byte[] bytes = new byte[30_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 7);
        }
        Crc32c expected = new Crc32c();
        expected.update(bytes, 3, 29_000);
        ByteBuf direct = Unpooled.directBuffer().writeBytes(bytes);

        for (ByteBuf buffer : new ByteBuf[] {
            Unpooled.wrappedBuffer(bytes),
            direct,
            Unpooled.wrappedBuffer(Unpooled.copiedBuffer(bytes, 0, 100), Unpooled.copiedBuffer(bytes, 100, 29_900))
        }) {
            // When
            Crc32c crc = new Crc32c();
            crc.update(bytes, 0, 10);
            crc.reset();
            crc.update(buffer, 3, 20_000);
            crc.update(buffer, 20_003, 9_000);

            // Then
            assertThat(crc.value()).isEqualTo(expected.value());
        }
        direct.release();
    }
}
