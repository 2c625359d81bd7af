package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.walrelay.wire.codec.Recorder.Failure;
import io.walrelay.wire.message.FrontendMessage.Password;
import io.walrelay.wire.message.FrontendMessage.Query;
import io.walrelay.wire.message.FrontendMessage.Sync;
import io.walrelay.wire.message.FrontendMessage.Unknown;
import io.walrelay.wire.message.StartupPacket.StartupMessage;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationDecoderTest {
    /** A session in miniature: each step puts in the decoder of the next one. */
    private static final class Session extends ChannelInboundHandlerAdapter {
        private int passwords;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(message);
            // The last thing: the messages behind arrive in here.
            if (message instanceof StartupMessage) {
                ctx.pipeline().replace(StartupDecoder.class, null, AuthenticationDecoder.sasl("me"));
            } else if (message instanceof Password && ++passwords == 1) {
                ctx.pipeline().replace(AuthenticationDecoder.class, null, AuthenticationDecoder.sasl("me"));
            } else if (message instanceof Password) {
                ctx.pipeline()
                        .replace(AuthenticationDecoder.class, null, new FrontendDecoder(FrontendLimits.REPLICATION));
            }
        }
    }

    @Test
    void losesNoByteWhenOneDecoderTakesOverFromAnother() {
        // Given
        byte[] bytes = Bytes.of(
                17,
                196608,
                "user\0me\0\0",
                Bytes.message('p', "first"),
                Bytes.message('p', "second"),
                Bytes.message('Q', "IDENTIFY_SYSTEM\0"),
                Bytes.message('S'));
        LinkedHashMap<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", "me");
        List<Object> expected = List.of(
                new StartupMessage(3, 0, parameters),
                new Password(Bytes.of("first")),
                new Password(Bytes.of("second")),
                new Query("IDENTIFY_SYSTEM"),
                new Sync());
        for (int cut = 1; cut < bytes.length; cut++) {
            Recorder recorder = new Recorder();
            EmbeddedChannel channel = new EmbeddedChannel(new StartupDecoder(), new Session(), recorder);
            // When
            channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, cut));
            channel.writeInbound(Unpooled.copiedBuffer(bytes, cut, bytes.length - cut));
            // Then
            assertThat(recorder.seen())
                    .as("cut at %s", cut)
                    .usingRecursiveComparison()
                    .isEqualTo(expected);
            assertThat(channel.finish()).isFalse();
        }
    }

    @Test
    void keepsWhatFollowsUntilItIsReplacedLater() {
        // Given
        Recorder recorder = new Recorder();
        EmbeddedChannel channel = new EmbeddedChannel(AuthenticationDecoder.password(), recorder);
        channel.writeInbound(
                Unpooled.copiedBuffer(Bytes.of(Bytes.message('p', "secret\0"), Bytes.message('Q', "a\0"))));
        channel.writeInbound(Unpooled.copiedBuffer(Bytes.message('Q', "b\0")));
        assertThat(recorder.seen()).hasSize(1);
        // When
        channel.pipeline().replace(AuthenticationDecoder.class, null, new FrontendDecoder(FrontendLimits.REPLICATION));
        // Then
        assertThat(recorder.seen().subList(1, 3)).containsExactly(new Query("a"), new Query("b"));
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void readsOneAnswerHoweverItIsCut() {
        // Given
        byte[] bytes = Bytes.message('p', "secret\0");
        // When
        List<Object> seen = Recorder.decode(AuthenticationDecoder::password, bytes);
        // Then
        assertThat(seen).usingRecursiveComparison().isEqualTo(List.of(Password.of("secret")));
    }

    @Test
    void doesNotWaitForALargeMessageOfAnotherType() {
        // Given
        byte[] bytes = Bytes.of('Q', 0x3FFF_FFFE, "x");
        // When
        List<Object> seen = Recorder.decode(AuthenticationDecoder::password, bytes);
        // Then
        assertThat(seen).containsExactly(new Unknown((byte) 'Q'));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 3, 1025, 65_536, Integer.MAX_VALUE})
    void failsTheAuthenticationWhenTheLengthOfASaslMessageIsOutOfBounds(int length) {
        // Given
        byte[] bytes = Bytes.of('p', length, "x");
        // When
        List<Object> seen = Recorder.decode(() -> AuthenticationDecoder.sasl("me"), bytes);
        // Then
        assertThat(seen).containsExactly(new Failure("FATAL 28P01 password authentication failed for user \"me\""));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 3, 65_536, Integer.MAX_VALUE})
    void closesSilentlyWhenTheLengthOfAPasswordIsOutOfBounds(int length) {
        // Given
        byte[] bytes = Bytes.of('p', length, "x");
        // When
        List<Object> seen = Recorder.decode(AuthenticationDecoder::password, bytes);
        // Then
        assertThat(seen).containsExactly(Failure.silent("invalid message length"));
    }

    @Test
    void takesALongerPasswordThanASaslMessage() {
        // Given
        byte[] bytes = Bytes.message('p', new byte[65_531]);
        // When
        List<Object> seen = Recorder.decodeInParts(AuthenticationDecoder::password, bytes, bytes.length);
        // Then
        assertThat(seen).hasSize(1).first().isInstanceOf(Password.class);
    }
}
