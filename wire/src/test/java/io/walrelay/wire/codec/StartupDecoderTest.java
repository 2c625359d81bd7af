package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.wire.codec.Recorder.Failure;
import io.walrelay.wire.message.StartupPacket;
import io.walrelay.wire.message.StartupPacket.CancelRequest;
import io.walrelay.wire.message.StartupPacket.GssEncRequest;
import io.walrelay.wire.message.StartupPacket.SslRequest;
import io.walrelay.wire.message.StartupPacket.StartupMessage;
import io.walrelay.wire.message.WireText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartupDecoderTest {
    private static final int V3_0 = 196608;
    private static final Failure SILENT = Failure.silent("invalid length of startup packet");
    private static final Failure INVALID_LAYOUT =
            new Failure("FATAL 08P01 invalid startup packet layout: expected terminator as last byte");

    @Test
    void readsRequestsAndThenTheStartupMessage() {
        // Given
        byte[] bytes = Bytes.of(8, 80877104, 8, 80877103, packet(V3_0, "user\0u\0replication\0true\0\0"));
        // When
        List<Object> packets = Recorder.decodeInParts(StartupDecoder::new, bytes, 8, 8, bytes.length - 16);
        // Then
        assertThat(packets)
                .containsExactly(
                        new GssEncRequest(), new SslRequest(), startup(3, 0, "user", "u", "replication", "true"));
    }

    @Test
    void tellsOfPlaintextBehindAnSslRequest() {
        // Given
        byte[] bytes = Bytes.of(8, 80877103, packet(V3_0, "user\0u\0\0"));
        // When
        List<Object> packets = Recorder.decodeInParts(StartupDecoder::new, bytes, bytes.length);
        // Then
        assertThat(packets.getFirst()).isEqualTo(new SslRequest(16));
    }

    @Test
    void readsAStartupMessageHoweverItIsCut() {
        // Given
        byte[] bytes = packet(V3_0, "user\0u\0database\0d\0options\0-c a=b\0\0");
        // When
        List<Object> packets = Recorder.decode(StartupDecoder::new, bytes);
        // Then
        assertThat(packets).containsExactly(startup(3, 0, "user", "u", "database", "d", "options", "-c a=b"));
    }

    @Test
    void readsAnyMinorVersion() {
        // Given
        byte[] bytes = packet(0x0003270F, "user\0u\0_pq_.x\0\0\0");
        // When
        List<Object> packets = Recorder.decode(StartupDecoder::new, bytes);
        // Then
        assertThat(packets).containsExactly(startup(3, 9999, "user", "u", "_pq_.x", ""));
    }

    @Test
    void leavesTheBodyOfAnotherMajorVersionAlone() {
        // Given
        byte[] bytes = packet(0x00040000, "whatever");
        // When
        List<Object> packets = Recorder.decode(StartupDecoder::new, bytes);
        // Then
        assertThat(packets).containsExactly(startup(4, 0));
    }

    @Test
    void takesTheLastOfEqualNames() {
        // Given
        byte[] bytes = packet(V3_0, "user\0a\0user\0b\0\0");
        // When
        List<Object> packets = Recorder.decode(StartupDecoder::new, bytes);
        // Then
        assertThat(packets).containsExactly(startup(3, 0, "user", "b"));
    }

    @Test
    void keepsTextThatIsNotUtf8() {
        // Given
        byte[] bytes = packet(V3_0, "user\0M\u00fcller\0\0");
        // When
        List<Object> packets = Recorder.decode(StartupDecoder::new, bytes);
        // Then
        String user = ((StartupMessage) packets.getFirst()).parameters().getOrDefault("user", "");
        assertThat(WireText.encode(user)).isEqualTo(Bytes.of("M\u00fcller"));
    }

    @Test
    void readsACancelRequestWithAShortOrALongKey() {
        // Given
        byte[] longKey = new byte[256];
        // When
        List<Object> shortCancel = Recorder.decode(StartupDecoder::new, Bytes.of(16, 80877102, 42, "abcd"));
        List<Object> longCancel = Recorder.decode(StartupDecoder::new, packet(80877102, 42, longKey));
        // Then
        assertThat(shortCancel).usingRecursiveComparison().isEqualTo(List.of(new CancelRequest(42, Bytes.of("abcd"))));
        assertThat(longCancel).usingRecursiveComparison().isEqualTo(List.of(new CancelRequest(42, longKey)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 257})
    void closesSilentlyWhenACancelKeyHasAnImpossibleLength(int keyLength) {
        // Given
        byte[] bytes = packet(80877102, 42, new byte[keyLength]);
        // When
        List<Object> seen = Recorder.decode(StartupDecoder::new, bytes);
        // Then
        assertThat(seen).containsExactly(SILENT);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 4, 7, 10_005, 0x16030100, Integer.MAX_VALUE})
    void closesSilentlyWhenTheLengthIsImpossible(int length) {
        // Given
        byte[] bytes = Bytes.of(length, V3_0, "user\0u\0\0");
        // When
        List<Object> seen = Recorder.decode(StartupDecoder::new, bytes);
        // Then
        assertThat(seen).containsExactly(SILENT);
    }

    @Test
    void takesAPacketOfTheGreatestLength() {
        // Given
        byte[] bytes = packet(V3_0, "user\0" + "x".repeat(10_000 - 4 - 5 - 2) + "\0\0");
        // When
        List<Object> seen = Recorder.decodeInParts(StartupDecoder::new, bytes, 5000, bytes.length - 5000);
        // Then
        assertThat(bytes).hasSize(10_004);
        assertThat(seen).hasSize(1).first().isInstanceOf(StartupMessage.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "user\0u\0", "user\0u", "user", "user\0", "user\0u\0\0x", "user\0u\0\0\0", "\0x\0"})
    void refusesAStartupMessageWhoseLastByteIsNotItsTerminator(String body) {
        // Given
        byte[] bytes = packet(V3_0, body);
        // When
        List<Object> seen = Recorder.decode(StartupDecoder::new, bytes);
        // Then
        assertThat(seen).containsExactly(INVALID_LAYOUT);
    }

    @Test
    void closesWhenMoreArrivesThanCanBeHeld() {
        // Given
        byte[] bytes = Bytes.of(packet(V3_0, "user\0u\0\0"), new byte[65_537]);
        // When
        List<Object> seen = Recorder.decodeInParts(StartupDecoder::new, bytes, 100, bytes.length - 100);
        // Then
        assertThat(seen)
                .containsExactly(
                        startup(3, 0, "user", "u"),
                        Failure.silent("more than 65536 bytes received before they were asked for"));
    }

    private static byte[] packet(int code, Object... body) {
        byte[] bytes = Bytes.of(body);
        return Bytes.of(8 + bytes.length, code, bytes);
    }

    private static StartupPacket startup(int major, int minor, String... pairs) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            parameters.put(pairs[i], pairs[i + 1]);
        }
        return new StartupMessage(major, minor, new LinkedHashMap<>(parameters));
    }
}
