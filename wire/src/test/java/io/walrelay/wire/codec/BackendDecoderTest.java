package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.wire.codec.Recorder.Failure;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage.AuthenticationOk;
import io.walrelay.wire.message.BackendMessage.CopyData;
import io.walrelay.wire.message.BackendMessage.ErrorResponse;
import io.walrelay.wire.message.BackendMessage.NoticeResponse;
import io.walrelay.wire.message.BackendMessage.ParameterStatus;
import io.walrelay.wire.message.BackendMessage.ReadyForQuery;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendDecoderTest {
    private static final byte[] OK = Bytes.message('R', 0);

    @Test
    void givesThePayloadOfCopyDataWithoutACopy() {
        // Given
        EmbeddedChannel channel = authenticated();
        ByteBuf input = Unpooled.wrappedBuffer(Bytes.of(Bytes.message('d', "one"), Bytes.message('d', "two")));
        // When
        channel.writeInbound(input);
        CopyData one = channel.readInbound();
        CopyData two = channel.readInbound();
        // Then
        assertThat(one.data().array()).isSameAs(input.array());
        assertThat(two.data().array()).isSameAs(input.array());
        one.release();
        two.release();
        assertThat(input.refCnt()).isZero();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void givesThePayloadOfCopyDataWithoutACopyWhenItCameInSeveralReads() {
        // Given
        EmbeddedChannel channel = authenticated();
        byte[] message = Bytes.message('d', "0123456789");
        ByteBuf first = Unpooled.wrappedBuffer(Bytes.of(message, message, 'd', 14, "01234"));
        ByteBuf second = Unpooled.wrappedBuffer(Bytes.of("56789", message));
        // When
        channel.writeInbound(first, second);
        // Then
        for (int i = 0; i < 4; i++) {
            CopyData copy = channel.readInbound();
            assertThat(ByteBufUtil.getBytes(copy.data())).isEqualTo(Bytes.of("0123456789"));
            assertThat(copy.data().nioBuffers()).hasSize(i == 2 ? 2 : 1);
            copy.release();
        }
        assertThat(channel.finish()).isFalse();
        assertThat(first.refCnt()).isZero();
        assertThat(second.refCnt()).isZero();
    }

    @Test
    void givesCopyDataToItsTakerWhereItLiesAndOtherMessagesOn() {
        // Given
        EmbeddedChannel channel = authenticated();
        BackendDecoder decoder = channel.pipeline().get(BackendDecoder.class);
        List<String> taken = new ArrayList<>();
        decoder.giveCopyDataTo(
                (received, index, length) -> taken.add(received.toString(index, length, StandardCharsets.US_ASCII)));
        byte[] messages = Bytes.of(
                Bytes.message('d', "one"),
                Bytes.message('d', ""),
                Bytes.message('Z', "I"),
                Bytes.message('d', "three"));

        // When they come byte by byte, too
        channel.writeInbound(Unpooled.wrappedBuffer(messages));
        for (byte next : messages) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {next}));
        }
        decoder.passCopyDataOn();
        channel.writeInbound(Unpooled.wrappedBuffer(Bytes.message('d', "four")));

        // Then
        assertThat(taken).containsExactly("one", "", "three", "one", "", "three");
        List<Object> others = List.of(channel.readInbound(), channel.readInbound());
        assertThat(others).hasOnlyElementsOfType(ReadyForQuery.class);
        CopyData four = channel.readInbound();
        assertThat(four.data().toString(StandardCharsets.US_ASCII)).isEqualTo("four");
        four.release();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void keepsAllFieldsOfAnErrorInTheirOrder() {
        // Given
        String fields = "SFEHLER\0VERROR\0C58P01\0Mm\0Dd\0Hh\0P1\0p2\0qq\0Ww\0ss\0tt\0cc\0dd\0nn\0Ff\0L3\0Rr\0zlater\0";
        byte[] bytes = Bytes.message('E', fields, "\0");
        // When
        List<Object> seen = decode(bytes);
        // Then
        ErrorResponse error = (ErrorResponse) seen.getFirst();
        assertThat(error.fields().severity()).isEqualTo(Severity.ERROR);
        assertThat(error.fields().sqlState()).isEqualTo(SqlState.UNDEFINED_FILE);
        assertThat(error.fields().fields().keySet())
                .containsExactly(
                        'S', 'V', 'C', 'M', 'D', 'H', 'P', 'p', 'q', 'W', 's', 't', 'c', 'd', 'n', 'F', 'L', 'R', 'z');
        assertThat(Bytes.encode(new BackendEncoder(), error)).isEqualTo(bytes);
    }

    @Test
    void passesAnErrorOnByteForByteWhenItsTextIsNotUtf8() {
        // Given
        byte[] bytes = Bytes.message('E', "SERREUR\0C42704\0Mla cha\u00eene \u00ab\u00ff\u00bb n'existe pas\0\0");
        // When
        List<Object> seen = decode(bytes);
        // Then
        assertThat(Bytes.encode(new BackendEncoder(), seen.getFirst())).isEqualTo(bytes);
    }

    @Test
    void takesNoticesAndParametersAtAnyTimeAndDropsNotifications() {
        // Given
        byte[] notice = Bytes.message('N', "SNOTICE\0\0");
        byte[] status = Bytes.message('S', "a\0b\0");
        byte[] notification = Bytes.message('A', 1, "channel\0payload\0");
        byte[] bytes = Bytes.of(notice, status, OK, status, notification, Bytes.message('Z', 'I'), notice);
        // When
        List<Object> seen = Recorder.decode(BackendDecoderTest::decoder, bytes);
        // Then
        NoticeResponse noticed = new NoticeResponse(new io.walrelay.wire.message.ErrorFields(Map.of('S', "NOTICE")));
        ParameterStatus parameter = new ParameterStatus("a", "b");
        assertThat(seen)
                .containsExactly(noticed, parameter, new AuthenticationOk(), parameter, ReadyForQuery.IDLE, noticed);
    }

    @Test
    void refusesOtherMessagesBeforeAuthentication() {
        // Given
        byte[] bytes = Bytes.of(Bytes.message('d', "WAL"), OK);
        // When
        List<Object> seen = Recorder.decode(BackendDecoderTest::decoder, bytes);
        // Then
        assertThat(seen)
                .containsExactly(
                        new Failure("FATAL 08P01 expected authentication request from server, but received d"));
    }

    @ParameterizedTest
    @CsvSource({"R,2001", "v,2001", "E,30001", "N,30001", "S,30001", "R,3", "R,-1", "R,2147483647"})
    void refusesLongMessagesBeforeAuthentication(char type, int length) {
        // Given
        byte[] bytes = Bytes.of(type, length);
        // When
        List<Object> seen = Recorder.decode(BackendDecoderTest::decoder, bytes);
        // Then
        assertThat(seen)
                .containsExactly(new Failure("FATAL 08P01 lost synchronization with server: got message type \"" + type
                        + "\", length " + length));
    }

    @ParameterizedTest
    @CsvSource({"d,40001", "D,50001", "T,50001", "E,50001", "N,50001", "A,50001", "Z,30001", "C,30001", "?,30001", "d,3"
    })
    void refusesLengthsBeyondTheLimitsAfterAuthentication(char type, int length) {
        // Given
        byte[] bytes = Bytes.of(OK, type, length);
        // When
        List<Object> seen = Recorder.decode(() -> new BackendDecoder(new BackendLimits(50_000, 40_000)), bytes);
        // Then
        assertThat(seen)
                .containsExactly(
                        new AuthenticationOk(),
                        new Failure("FATAL 08P01 lost synchronization with server: got message type \"" + type
                                + "\", length " + length));
    }

    @Test
    void refusesAnUnknownType() {
        // Given
        byte[] bytes = Bytes.of(OK, Bytes.message('?'));
        // When
        List<Object> seen = Recorder.decode(BackendDecoderTest::decoder, bytes);
        // Then
        assertThat(seen.get(1))
                .isEqualTo(
                        new Failure("FATAL 08P01 unexpected response from server; first received character was \"?\""));
    }

    @ParameterizedTest
    @ValueSource(shorts = {-1, 2, 1000, Short.MAX_VALUE})
    void refusesCountsThatTheBodyCannotHold(short count) {
        // Given
        byte[] bytes = Bytes.message('D', count, 0);
        // When
        List<Object> seen = decode(bytes);
        // Then
        assertThat(seen)
                .containsExactly(
                        new Failure("FATAL 08P01 message contents do not agree with length in message type \"D\""));
    }

    private static List<Object> decode(byte[] afterAuthentication) {
        List<Object> seen = Recorder.decode(BackendDecoderTest::decoder, Bytes.of(OK, afterAuthentication));
        return seen.subList(1, seen.size());
    }

    private static BackendDecoder decoder() {
        return new BackendDecoder(BackendLimits.DEFAULT);
    }

    private static EmbeddedChannel authenticated() {
        EmbeddedChannel channel = new EmbeddedChannel(decoder());
        channel.writeInbound(Unpooled.wrappedBuffer(OK));
        assertThat(channel.<Object>readInbound()).isInstanceOf(AuthenticationOk.class);
        return channel;
    }
}
