package io.walrelay.wire.compression;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.wire.message.StartupPacket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionOptionTest {
    private static Optional<CompressionOption> of(Map<String, String> parameters) {
        return CompressionOption.of(new StartupPacket.StartupMessage(3, 0, new LinkedHashMap<>(parameters)));
    }

    @Test
    void isReadAsItIsWritten() {
        for (CompressionOption option : new CompressionOption[] {
            new CompressionOption(OptionalInt.empty()),
            new CompressionOption(OptionalInt.of(1)),
            new CompressionOption(OptionalInt.of(CompressionOption.MAX_LEVEL))
        }) {
            assertThat(of(Map.of(CompressionOption.NAME, option.value()))).contains(option);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "lz4", "ZSTD", "zstd:", "zstd:0", "zstd:10", "zstd:22", "zstd:-1", "zstd:3 ", "zstd,lz4"})
    void isNotKnownWithAnotherValue(String value) {
        assertThat(of(Map.of(CompressionOption.NAME, value))).isEmpty();
    }

    @Test
    void isNotThereUnlessItIsAskedFor() {
        assertThat(of(Map.of("user", "u"))).isEmpty();
    }
}
