package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.wire.message.BackendMessage;
import io.walrelay.wire.message.FrontendMessage;
import io.walrelay.wire.message.FrontendMessage.Extended;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The messages of the extended query protocol, both ways. */
class ExtendedQueryTest {
    static Stream<Arguments> fromClient() {
        return Stream.of(
                Arguments.of(
                        new Extended.Parse("s", "select $1", List.of(23, 0)),
                        Bytes.message('P', "s\0select $1\0", (short) 2, 23, 0)),
                Arguments.of(new Extended.Parse("", "", List.of()), Bytes.message('P', "\0\0", (short) 0)),
                Arguments.of(
                        new Extended.Bind(
                                "p",
                                "s",
                                List.of((short) 1),
                                Arrays.asList(new byte[] {7}, null, new byte[0]),
                                List.of((short) 0, (short) 1)),
                        Bytes.message(
                                'B', "p\0s\0", (short) 1, (short) 1, (short) 3, 1, (byte) 7, -1, 0, (short) 2,
                                (short) 0, (short) 1)),
                Arguments.of(
                        new Extended.Bind("", "", List.of(), List.of(), List.of()),
                        Bytes.message('B', "\0\0", (short) 0, (short) 0, (short) 0)),
                Arguments.of(new Extended.Describe((byte) 'S', "s"), Bytes.message('D', "Ss\0")),
                Arguments.of(new Extended.Execute("p", 100), Bytes.message('E', "p\0", 100)),
                Arguments.of(new Extended.Close((byte) 'P', ""), Bytes.message('C', "P\0")));
    }

    @ParameterizedTest
    @MethodSource("fromClient")
    void messagesOfAClientAreReadAsTheyWereWritten(Extended message, byte[] bytes) {
        assertThat(Bytes.encode(new FrontendEncoder(), message)).isEqualTo(bytes);
        assertThat(Recorder.decode(() -> new FrontendDecoder(FrontendLimits.SQL), bytes))
                .usingRecursiveComparison()
                .isEqualTo(List.of(message));
    }

    @ParameterizedTest
    @MethodSource("fromClient")
    void bodiesAreDroppedWhereNobodyServesThem(Extended message, byte[] bytes) {
        assertThat(Recorder.decode(() -> new FrontendDecoder(FrontendLimits.REPLICATION), bytes))
                .isEqualTo(List.of(new Extended.Unread(message.type())));
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of(Bytes.message('P', "s\0select"), "invalid string in message"),
                Arguments.of(Bytes.message('P', "s\0select 1\0"), "insufficient data left in message"),
                Arguments.of(Bytes.message('P', "\0\0", (short) 2, 23), "insufficient data left in message"),
                Arguments.of(Bytes.message('P', "\0\0", (short) -1), "insufficient data left in message"),
                Arguments.of(Bytes.message('P', "\0\0", (short) 0, "x"), "invalid message format"),
                Arguments.of(Bytes.message('B'), "invalid string in message"),
                Arguments.of(
                        Bytes.message('B', "\0\0", (short) 0, (short) 1, 5, "four"),
                        "insufficient data left in message"),
                Arguments.of(
                        Bytes.message('B', "\0\0", (short) 0, (short) 1, -2, (short) 0),
                        "insufficient data left in message"),
                Arguments.of(
                        Bytes.message('B', "\0\0", (short) 0, (short) 1, Integer.MAX_VALUE, (short) 0),
                        "insufficient data left in message"),
                Arguments.of(Bytes.message('D'), "no data left in message"),
                Arguments.of(Bytes.message('D', "S"), "invalid string in message"),
                Arguments.of(Bytes.message('E', "\0", (short) 0), "insufficient data left in message"),
                Arguments.of(Bytes.message('C', "S\0", (byte) 0), "invalid message format"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void brokenBodyIsAnErrorAndTheNextMessageIsRead(byte[] bytes, String words) {
        List<Object> seen =
                Recorder.decode(() -> new FrontendDecoder(FrontendLimits.SQL), Bytes.of(bytes, Bytes.message('S')));

        assertThat(seen).hasSize(2).last().isEqualTo(new FrontendMessage.Sync());
        Extended.Malformed malformed = (Extended.Malformed) seen.getFirst();
        assertThat(malformed.type()).isEqualTo(bytes[0]);
        assertThat(malformed.problem()).hasMessage(words);
        assertThat(malformed.problem().sqlState().code()).isEqualTo("08P01");
    }

    @Test
    void lengthBeyondTheLimitIsRefusedBeforeItsBytesHaveArrived() {
        byte[] bytes = Bytes.of('P', (1 << 20) + 1);

        assertThat(Recorder.decode(() -> new FrontendDecoder(FrontendLimits.SQL), bytes))
                .singleElement()
                .asString()
                .contains("invalid message length");
    }

    static Stream<Arguments> fromServer() {
        return Stream.of(
                Arguments.of(new BackendMessage.ParseComplete(), Bytes.message('1')),
                Arguments.of(new BackendMessage.BindComplete(), Bytes.message('2')),
                Arguments.of(new BackendMessage.CloseComplete(), Bytes.message('3')),
                Arguments.of(new BackendMessage.NoData(), Bytes.message('n')),
                Arguments.of(new BackendMessage.PortalSuspended(), Bytes.message('s')),
                Arguments.of(
                        new BackendMessage.ParameterDescription(List.of(23, 25)),
                        Bytes.message('t', (short) 2, 23, 25)));
    }

    @ParameterizedTest
    @MethodSource("fromServer")
    void messagesOfAServerAreReadAsTheyWereWritten(BackendMessage message, byte[] bytes) {
        byte[] ok = Bytes.message('R', 0);

        assertThat(Bytes.encode(new BackendEncoder(), message)).isEqualTo(bytes);
        assertThat(Recorder.decode(() -> new BackendDecoder(BackendLimits.DEFAULT), Bytes.of(ok, bytes)))
                .isEqualTo(List.of(new BackendMessage.AuthenticationOk(), message));
    }
}
