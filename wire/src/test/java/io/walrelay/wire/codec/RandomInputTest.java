package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandler;
import io.walrelay.wire.codec.Recorder.Failure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever arrives, a decoder fails only in the ways it says, holds no buffer, and makes the same of it however it is
 * cut.
 */
class RandomInputTest {
    private static final int ROUNDS = 1000;

    static Stream<Arguments> decoders() {
        byte[] startup = Bytes.of(8, 80877103, 29, 196608, "user\0me\0database\0d\0\0");
        byte[] frontend = Bytes.of(
                Bytes.message('Q', "SHOW x\0"),
                Bytes.message('d', "r123"),
                Bytes.message('P', "a\0b\0", (short) 1, 23),
                Bytes.message('B', "p\0a\0", (short) 1, (short) 1, (short) 2, 1, "x", -1, (short) 1, (short) 0),
                Bytes.message('D', "Pp\0"),
                Bytes.message('E', "p\0", 7),
                Bytes.message('C', "Sa\0"),
                Bytes.message('S'));
        byte[] backend = Bytes.of(
                Bytes.message('R', 10, "SCRAM-SHA-256\0\0"),
                Bytes.message('R', 0),
                Bytes.message('v', 196608, 1, "_pq_.a\0"),
                Bytes.message('T', (short) 1, "x\0", 0, (short) 0, 25, (short) -1, -1, (short) 0),
                Bytes.message('D', (short) 2, -1, 1, "x"),
                Bytes.message('E', "SERROR\0\0"),
                Bytes.message('t', (short) 2, 23, 25),
                Bytes.message('W', (byte) 0, (short) 0),
                Bytes.message('d', "w123"));
        return Stream.of(
                decoder("StartupDecoder", StartupDecoder::new, startup),
                decoder("AuthenticationDecoder", () -> AuthenticationDecoder.sasl("me"), Bytes.message('p', "secret")),
                decoder("FrontendDecoder", () -> new FrontendDecoder(FrontendLimits.POSTGRESQL), frontend),
                decoder("BackendDecoder", () -> new BackendDecoder(BackendLimits.DEFAULT), backend));
    }

    private static Arguments decoder(String name, Supplier<ChannelHandler> decoder, byte[] valid) {
        return Arguments.of(name, decoder, valid);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("decoders")
    void failsOnlyInTheWaysItSays(String name, Supplier<ChannelHandler> decoder, byte[] valid) {
        for (long seed = 0; seed < ROUNDS; seed++) {
            // Given
            Random random = new Random(seed);
            byte[] bytes = random.nextInt(4) == 0 ? garbage(random) : damaged(valid, random);
            // When
            List<Object> whole = Recorder.decodeInParts(decoder, bytes, bytes.length);
            List<Object> cut = Recorder.decodeInParts(decoder, bytes, parts(bytes.length, random));
            // Then
            assertThat(whole)
                    .as("%s, seed %s", name, seed)
                    .noneMatch(seen ->
                            seen instanceof Failure failure && failure.text().startsWith("unexpected"));
            assertThat(kinds(cut)).as("%s, seed %s", name, seed).isEqualTo(kinds(whole));
        }
    }

    private static List<String> kinds(List<Object> seen) {
        return seen.stream()
                .map(each -> each instanceof Failure
                        ? each.toString()
                        : each.getClass().getSimpleName())
                .toList();
    }

    private static byte[] garbage(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] damaged(byte[] valid, Random random) {
        byte[] bytes = Arrays.copyOf(valid, valid.length - random.nextInt(3));
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(random.nextBoolean() ? 256 : 8);
        }
        return bytes;
    }

    private static int[] parts(int total, Random random) {
        List<Integer> parts = new ArrayList<>();
        for (int left = total; left > 0; ) {
            int part = 1 + random.nextInt(Math.min(left, 20));
            parts.add(part);
            left -= part;
        }
        return parts.stream().mapToInt(Integer::intValue).toArray();
    }
}
