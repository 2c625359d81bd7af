package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.EncoderException;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.ErrorFields;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.StartupPacket;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EncoderTest {
    static Stream<Arguments> fromClient() {
        LinkedHashMap<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", "u");
        parameters.put("replication", "true");
        return Stream.of(
                Arguments.of(new StartupPacket.SslRequest(), Bytes.of(8, 80877103)),
                Arguments.of(new StartupPacket.GssEncRequest(), Bytes.of(8, 80877104)),
                Arguments.of(new StartupPacket.CancelRequest(42, Bytes.of("key!")), Bytes.of(16, 80877102, 42, "key!")),
                Arguments.of(
                        new StartupPacket.StartupMessage(3, 0, parameters),
                        Bytes.of(33, 196608, "user\0u\0replication\0true\0\0")),
                Arguments.of(new FrontendMessage.Query("SHOW x"), Bytes.message('Q', "SHOW x\0")),
                Arguments.of(new FrontendMessage.Terminate(), Bytes.message('X')),
                Arguments.of(new FrontendMessage.CopyDone(), Bytes.message('c')),
                Arguments.of(new FrontendMessage.CopyFail("why"), Bytes.message('f', "why\0")),
                Arguments.of(FrontendMessage.Password.of("secret"), Bytes.message('p', "secret\0")),
                Arguments.of(
                        FrontendMessage.Password.saslInitial("SCRAM-SHA-256", Bytes.of("n,,")),
                        Bytes.message('p', "SCRAM-SHA-256\0", 3, "n,,")),
                Arguments.of(
                        FrontendMessage.Password.saslInitial("SCRAM-SHA-256", null),
                        Bytes.message('p', "SCRAM-SHA-256\0", -1)),
                Arguments.of(FrontendMessage.Password.sasl(Bytes.of("c=biws")), Bytes.message('p', "c=biws")),
                Arguments.of(new FrontendMessage.Sync(), Bytes.message('S')),
                Arguments.of(new FrontendMessage.Flush(), Bytes.message('H')),
                Arguments.of(new FrontendMessage.CopyData(Unpooled.EMPTY_BUFFER), Bytes.message('d')));
    }

    @ParameterizedTest
    @MethodSource("fromClient")
    void writesTheBytesOfTheDocumentation(Object message, byte[] bytes) {
        // When
        byte[] written = Bytes.encode(new FrontendEncoder(), message);
        // Then
        assertThat(written).isEqualTo(bytes);
    }

    @Test
    void writesASmallCopyDataInOneBufferAndReleasesIt() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(new FrontendEncoder());
        ByteBuf data = Unpooled.copiedBuffer(Bytes.of("r12"));
        // When
        channel.writeOutbound(new FrontendMessage.CopyData(data));
        // Then
        ByteBuf written = channel.readOutbound();
        assertThat(written).isEqualTo(Unpooled.wrappedBuffer(Bytes.message('d', "r12")));
        assertThat(data.refCnt()).isZero();
        written.release();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void writesALargeCopyDataAsItIsBehindItsHeader() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(new BackendEncoder());
        ByteBuf data = Unpooled.buffer().writeZero(100_000);
        // When
        channel.writeOutbound(new BackendMessage.CopyData(data));
        // Then
        ByteBuf header = channel.readOutbound();
        assertThat(header).isEqualTo(Unpooled.wrappedBuffer(Bytes.of('d', 100_004)));
        assertThat(channel.<Object>readOutbound()).isSameAs(data);
        assertThat(data.refCnt()).isOne();
        header.release();
        data.release();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void letsBuffersAndFileRegionsPass() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(new BackendEncoder(), new FrontendEncoder());
        DefaultFileRegion region = new DefaultFileRegion(new File("never opened"), 0, 1);
        // When
        channel.writeOutbound(Unpooled.EMPTY_BUFFER, region);
        // Then
        assertThat(channel.<Object>readOutbound()).isSameAs(Unpooled.EMPTY_BUFFER);
        assertThat(channel.<Object>readOutbound()).isSameAs(region);
        assertThat(channel.finish()).isFalse();
        region.release();
    }

    static Stream<Object> unsayable() {
        LinkedHashMap<String, String> parameters = new LinkedHashMap<>();
        parameters.put("", "x");
        return Stream.of(
                new FrontendMessage.Query("a\0b"),
                new FrontendMessage.Extended.Unread((byte) 'P'),
                new FrontendMessage.FunctionCall(),
                new FrontendMessage.Unknown((byte) '?'),
                new StartupPacket.StartupMessage(3, 0, parameters),
                new BackendMessage.ParameterStatus("a", "b\0c"));
    }

    @ParameterizedTest
    @MethodSource("unsayable")
    void failsThePromiseWhenAMessageCannotBeSaid(Object message) {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel(new BackendEncoder(), new FrontendEncoder());
        // When
        ChannelFuture written = channel.writeAndFlush(message);
        // Then
        assertThat(written.cause()).isInstanceOf(EncoderException.class);
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void dropsNulFromAnErrorsTextRatherThanTheError() {
        // Given
        PgException failure = PgException.protocolViolation("quotes \"a\0b\"");
        // When
        byte[] written =
                Bytes.encode(new BackendEncoder(), new BackendMessage.ErrorResponse(ErrorFields.from(failure)));
        // Then
        assertThat(written).isEqualTo(Bytes.message('E', "SFATAL\0VFATAL\0C08P01\0Mquotes \"ab\"\0\0"));
    }
}
