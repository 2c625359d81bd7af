package io.walrelay.wire.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireTextTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "Müller", "日本語", "😀 \uD83D\uDE80"})
    void readsAndWritesUtf8(String text) {
        // Given
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        // When
        String decoded = WireText.decode(bytes);
        // Then
        assertThat(decoded).isEqualTo(text);
        assertThat(WireText.encode(decoded)).isEqualTo(bytes);
    }

    @Test
    void escapesEachByteThatIsNotUtf8() {
        // Given
        byte[] latin1 = "é😀".getBytes(StandardCharsets.ISO_8859_1);
        // When
        String decoded = WireText.decode(new byte[] {'a', (byte) 0xE9, 'b'});
        // Then
        assertThat(decoded).isEqualTo("a\uDCE9b");
        assertThat(WireText.encode(WireText.decode(latin1))).isEqualTo(latin1);
    }

    @Test
    void losesNoByteOfAnyInput() {
        // Given
        Random random = new Random(1);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            // When
            byte[] back = WireText.encode(WireText.decode(bytes));
            // Then
            assertThat(back).as("round %s", round).isEqualTo(bytes);
        }
    }

    @Test
    void treatsEncodedSurrogatesAsBytes() {
        // Given
        byte[] bytes = {(byte) 0xED, (byte) 0xB2, (byte) 0x80};
        // When
        String decoded = WireText.decode(bytes);
        // Then
        assertThat(decoded).isEqualTo("\uDCED\uDCB2\uDC80");
        assertThat(WireText.encode(decoded)).isEqualTo(bytes);
    }

    @Test
    void writesAQuestionMarkForASurrogateThatIsNoByte() {
        // When
        byte[] bytes = WireText.encode("a\uD800b\uDC80c");
        // Then
        assertThat(bytes).containsExactly('a', '?', 'b', 0x80, 'c');
    }
}
