package io.walrelay.wire.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.walrelay.wire.codec.Recorder.Copied;
import io.walrelay.wire.error.Severity;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage.AuthenticationCleartextPassword;
import io.walrelay.wire.message.BackendMessage.AuthenticationMd5Password;
import io.walrelay.wire.message.BackendMessage.AuthenticationOk;
import io.walrelay.wire.message.BackendMessage.AuthenticationSasl;
import io.walrelay.wire.message.BackendMessage.AuthenticationSaslContinue;
import io.walrelay.wire.message.BackendMessage.AuthenticationSaslFinal;
import io.walrelay.wire.message.BackendMessage.AuthenticationUnsupported;
import io.walrelay.wire.message.BackendMessage.BackendKeyData;
import io.walrelay.wire.message.BackendMessage.CommandComplete;
import io.walrelay.wire.message.BackendMessage.CopyBothResponse;
import io.walrelay.wire.message.BackendMessage.CopyDone;
import io.walrelay.wire.message.BackendMessage.CopyInResponse;
import io.walrelay.wire.message.BackendMessage.CopyOutResponse;
import io.walrelay.wire.message.BackendMessage.DataRow;
import io.walrelay.wire.message.BackendMessage.EmptyQueryResponse;
import io.walrelay.wire.message.BackendMessage.ErrorResponse;
import io.walrelay.wire.message.BackendMessage.NegotiateProtocolVersion;
import io.walrelay.wire.message.BackendMessage.NoticeResponse;
import io.walrelay.wire.message.BackendMessage.ParameterStatus;
import io.walrelay.wire.message.BackendMessage.ReadyForQuery;
import io.walrelay.wire.message.BackendMessage.RowDescription;
import io.walrelay.wire.message.Column;
import io.walrelay.wire.message.ErrorFields;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message of a server: its bytes, and that both directions agree on them. */
class BackendCodecTest {
    private static final byte[] OK = Bytes.message('R', 0);

    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(new AuthenticationOk(), OK),
                Arguments.of(new AuthenticationCleartextPassword(), Bytes.message('R', 3)),
                Arguments.of(new AuthenticationMd5Password(Bytes.of("salt")), Bytes.message('R', 5, "salt")),
                Arguments.of(
                        new AuthenticationSasl(List.of("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256")),
                        Bytes.message('R', 10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")),
                Arguments.of(new AuthenticationSaslContinue(Bytes.of("r=x")), Bytes.message('R', 11, "r=x")),
                Arguments.of(new AuthenticationSaslContinue(new byte[0]), Bytes.message('R', 11)),
                Arguments.of(new AuthenticationSaslFinal(Bytes.of("v=x")), Bytes.message('R', 12, "v=x")),
                Arguments.of(new AuthenticationUnsupported(7), Bytes.message('R', 7)),
                Arguments.of(
                        new NegotiateProtocolVersion(0x00030000, List.of("_pq_.a", "_pq_.b")),
                        Bytes.message('v', 0x00030000, 2, "_pq_.a\0_pq_.b\0")),
                Arguments.of(
                        new ParameterStatus("server_version", "15.18"),
                        Bytes.message('S', "server_version\00015.18\0")),
                Arguments.of(new BackendKeyData(42, Bytes.of("key!")), Bytes.message('K', 42, "key!")),
                Arguments.of(new BackendKeyData(42, new byte[32]), Bytes.message('K', 42, new byte[32])),
                Arguments.of(new ReadyForQuery((byte) 'I'), Bytes.message('Z', 'I')),
                Arguments.of(
                        RowDescription.of(Column.text("systemid"), Column.int4("timeline")),
                        Bytes.message(
                                'T',
                                (short) 2,
                                Bytes.of("systemid\0", 0, (short) 0, 25, (short) -1, -1, (short) 0),
                                Bytes.of("timeline\0", 0, (short) 0, 23, (short) 4, -1, (short) 0))),
                Arguments.of(
                        new DataRow(Arrays.asList(Bytes.of("abc"), null, new byte[0])),
                        Bytes.message('D', (short) 3, 3, "abc", -1, 0)),
                Arguments.of(DataRow.of(), Bytes.message('D', (short) 0)),
                Arguments.of(new CommandComplete("IDENTIFY_SYSTEM"), Bytes.message('C', "IDENTIFY_SYSTEM\0")),
                Arguments.of(new EmptyQueryResponse(), Bytes.message('I')),
                Arguments.of(
                        new ErrorResponse(ErrorFields.of(
                                Severity.ERROR, SqlState.SYNTAX_ERROR, "syntax error", "A detail.", "A hint.")),
                        Bytes.message('E', "SERROR\0VERROR\0C42601\0Msyntax error\0DA detail.\0HA hint.\0\0")),
                Arguments.of(
                        new NoticeResponse(ErrorFields.of(Severity.NOTICE, SqlState.NAME_TOO_LONG, "truncated")),
                        Bytes.message('N', "SNOTICE\0VNOTICE\0C42622\0Mtruncated\0\0")),
                Arguments.of(new CopyBothResponse(), Bytes.message('W', (byte) 0, (short) 0)),
                Arguments.of(new CopyInResponse(), Bytes.message('G', (byte) 0, (short) 0)),
                Arguments.of(new CopyOutResponse(), Bytes.message('H', (byte) 0, (short) 0)),
                Arguments.of(new CopyDone(), Bytes.message('c')));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void writesTheBytesOfTheDocumentation(Object message, byte[] bytes) {
        // When
        byte[] written = Bytes.encode(new BackendEncoder(), message);
        // Then
        assertThat(written).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void readsThemHoweverTheyAreCut(Object message, byte[] bytes) {
        // Given
        byte[] stream = Bytes.of(OK, bytes, Bytes.message('d', "w"), bytes);
        // When
        List<Object> seen = Recorder.decode(() -> new BackendDecoder(BackendLimits.DEFAULT), stream);
        // Then
        assertThat(seen)
                .usingRecursiveComparison()
                .isEqualTo(List.of(new AuthenticationOk(), message, new Copied("77"), message));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void refusesABodyThatIsCutShort(Object message, byte[] bytes) {
        for (int body = 0; body < bytes.length - 5; body++) {
            // Given
            byte[] stream = Bytes.of(OK, Bytes.message((char) bytes[0], Arrays.copyOfRange(bytes, 5, 5 + body)));
            // When
            List<Object> seen =
                    Recorder.decodeInParts(() -> new BackendDecoder(BackendLimits.DEFAULT), stream, stream.length);
            // Then
            boolean endsAnywhere = message instanceof BackendKeyData
                    || message instanceof AuthenticationSaslContinue
                    || message instanceof AuthenticationSaslFinal;
            assertThat(seen).hasSize(2);
            if (!endsAnywhere || body < 4) {
                assertThat(seen.get(1))
                        .isEqualTo(new Recorder.Failure("FATAL 08P01 message contents do not agree with length in"
                                + " message type \"" + (char) bytes[0] + "\""));
            }
        }
    }
}
