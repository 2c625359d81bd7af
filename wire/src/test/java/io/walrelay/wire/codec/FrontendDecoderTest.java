package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.wire.codec.Recorder.Copied;
import io.walrelay.wire.codec.Recorder.Failure;
import io.walrelay.wire.message.FrontendMessage.CopyData;
import io.walrelay.wire.message.FrontendMessage.CopyDone;
import io.walrelay.wire.message.FrontendMessage.CopyFail;
import io.walrelay.wire.message.FrontendMessage.Flush;
import io.walrelay.wire.message.FrontendMessage.FunctionCall;
import io.walrelay.wire.message.FrontendMessage.Query;
import io.walrelay.wire.message.FrontendMessage.Sync;
import io.walrelay.wire.message.FrontendMessage.Terminate;
import io.walrelay.wire.message.FrontendMessage.Unknown;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrontendDecoderTest {
    private static final Failure SILENT = Failure.silent("invalid message length");

    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(Bytes.message('Q', "IDENTIFY_SYSTEM\0"), new Query("IDENTIFY_SYSTEM")),
                Arguments.of(Bytes.message('Q', "\0"), new Query("")),
                Arguments.of(Bytes.message('X'), new Terminate()),
                Arguments.of(Bytes.message('X', "body"), new Terminate()),
                Arguments.of(Bytes.message('d', "r123"), new Copied("72313233")),
                Arguments.of(Bytes.message('d'), new Copied("")),
                Arguments.of(Bytes.message('c'), new CopyDone()),
                Arguments.of(Bytes.message('f', "no more\0"), new CopyFail("no more")),
                Arguments.of(Bytes.message('S'), new Sync()),
                Arguments.of(Bytes.message('H'), new Flush()),
                Arguments.of(Bytes.message('F', "whatever"), new FunctionCall()));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsEachMessageHoweverItIsCut(byte[] bytes, Object message) {
        // Given
        byte[] twice = Bytes.of(bytes, bytes);
        // When
        List<Object> seen = Recorder.decode(FrontendDecoderTest::decoder, twice);
        // Then
        assertThat(seen).containsExactly(message, message);
    }

    @Test
    void givesThePayloadOfCopyDataWithoutACopy() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(decoder());
        ByteBuf input = Unpooled.wrappedBuffer(Bytes.message('d', "abc"));
        // When
        channel.writeInbound(input);
        CopyData copy = channel.readInbound();
        // Then
        assertThat(copy.data().array()).isSameAs(input.array());
        assertThat(copy.release()).isTrue();
        assertThat(input.refCnt()).isZero();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void givesCopyDataToItsTakerWhereItLiesInOrderWithOtherMessages() {
        // Given
        List<Object> seen = new ArrayList<>();
        CopyDataTaker taker =
                (received, index, length) -> seen.add(received.toString(index, length, StandardCharsets.US_ASCII));
        EmbeddedChannel channel = new EmbeddedChannel(
                new FrontendDecoder(FrontendLimits.REPLICATION, taker), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        seen.add(message);
                    }
                });
        byte[] messages = Bytes.of(
                Bytes.message('d', "one"),
                Bytes.message('d', ""),
                Bytes.message('c'),
                Bytes.message('d', "three"),
                Bytes.message('X'));

        // When they come together, and byte by byte
        channel.writeInbound(Unpooled.wrappedBuffer(messages));
        for (byte next : messages) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {next}));
        }

        // Then
        assertThat(seen)
                .containsExactly(
                        "one",
                        "",
                        new CopyDone(),
                        "three",
                        new Terminate(),
                        "one",
                        "",
                        new CopyDone(),
                        "three",
                        new Terminate());
        assertThat(channel.finish()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(bytes = {'?', 'p', 'W', 0, (byte) 200})
    void readsNothingAfterAnUnknownType(byte type) {
        // Given
        byte[] bytes = Bytes.of(type, Integer.MAX_VALUE, Bytes.message('Q', "x\0"));
        // When
        List<Object> seen = Recorder.decode(FrontendDecoderTest::decoder, bytes);
        // Then
        assertThat(seen).containsExactly(new Unknown(type));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 3, 0x3FFF_FFFF, Integer.MAX_VALUE})
    void closesSilentlyWhenPostgresqlWouldNotTakeTheLength(int length) {
        // Given
        byte[] bytes = Bytes.of('Q', length, "x\0", Bytes.message('X'));
        // When
        List<Object> seen = Recorder.decode(FrontendDecoderTest::decoder, bytes);
        // Then
        assertThat(seen).containsExactly(SILENT);
    }

    @ParameterizedTest
    @ValueSource(chars = {'c', 'f', 'X', 'S', 'H', 'E', 'C', 'D'})
    void closesSilentlyWhenASmallMessageIsLarge(char type) {
        // Given
        byte[] bytes = Bytes.of(type, 10_001);
        // When
        List<Object> seen = Recorder.decode(FrontendDecoderTest::decoder, bytes);
        // Then
        assertThat(seen).containsExactly(SILENT);
    }

    @ParameterizedTest
    @ValueSource(chars = {'Q', 'd', 'P', 'B', 'F'})
    void refusesALengthBeyondTheConfiguredLimitBeforeItArrives(char type) {
        // Given
        byte[] bytes = Bytes.of(type, 20_001, "x");
        // When
        List<Object> seen = Recorder.decode(
                () -> new FrontendDecoder(new FrontendLimits(20_000, 20_000, FrontendLimits.Extended.READ)), bytes);
        // Then
        assertThat(seen).containsExactly(new Failure("FATAL 08P01 invalid message length"));
    }

    @Test
    void takesALengthOfTheConfiguredLimit() {
        // Given
        byte[] bytes = Bytes.message('Q', "x".repeat(19_995) + "\0");
        // When
        List<Object> seen = Recorder.decodeInParts(
                () -> new FrontendDecoder(new FrontendLimits(20_000, 10_000, FrontendLimits.Extended.DROPPED)),
                bytes,
                7000,
                7000,
                bytes.length - 14_000);
        // Then
        assertThat(seen).containsExactly(new Query("x".repeat(19_995)));
    }

    @Test
    void goesOnAfterAMalformedBody() {
        // Given
        byte[] bytes = Bytes.of(
                Bytes.message('Q'),
                Bytes.message('Q', "no end"),
                Bytes.message('Q', "a\0b\0"),
                Bytes.message('S', "x"),
                Bytes.message('H', "x"),
                Bytes.message('Q', "fine\0"));
        // When
        List<Object> seen = Recorder.decode(FrontendDecoderTest::decoder, bytes);
        // Then
        Failure invalidString = new Failure("ERROR 08P01 invalid string in message");
        Failure invalidFormat = new Failure("ERROR 08P01 invalid message format");
        assertThat(seen)
                .containsExactly(
                        invalidString, invalidString, invalidFormat, invalidFormat, new Flush(1), new Query("fine"));
    }

    @Test
    void holdsNothingOfABodyThatNobodyReads() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(new FrontendDecoder(FrontendLimits.REPLICATION));
        ByteBuf first = Unpooled.wrappedBuffer(Bytes.of('B', 1_000_000, new byte[1000]));
        // When
        channel.writeInbound(first);
        // Then
        assertThat(first.refCnt()).isZero();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void releasesAPartialMessageWhenTheConnectionCloses() {
        // Given
        byte[] bytes = Bytes.of('d', 1000, "only the beginning");
        // When
        List<Object> seen = Recorder.decode(FrontendDecoderTest::decoder, bytes);
        // Then
        assertThat(seen).isEmpty();
    }

    private static FrontendDecoder decoder() {
        return new FrontendDecoder(FrontendLimits.POSTGRESQL);
    }
}
